// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace xpuruntime {

/// Notes in the cache folder that an entry could not be used and is built again. What cannot be
/// written is not noted.
void note_rebuilt(const std::filesystem::path& folder, const std::filesystem::path& entry,
                  std::string reason) noexcept;

/// What was noted, a line each.
std::vector<std::string> read_journal(const std::filesystem::path& folder);

}  // namespace xpuruntime
