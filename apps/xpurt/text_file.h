// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace xpuruntime::xpurt {

/// What a file says that an option names. Throws InvalidArgumentError with both, also for a folder
/// and an empty file.
std::string read_text_file(const char* option, const std::string& path);

}  // namespace xpuruntime::xpurt
