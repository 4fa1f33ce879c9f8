// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>

namespace xpuruntime::toolkit {

/// Writes the parts, one after another, to a new file beside `path` and renames it there, so that
/// nobody ever sees half of it; a failure leaves what was there before.
/// Throws InvalidArgumentError (the folder does not take a file), UnavailableError (disk full).
void write_file_atomically(const std::filesystem::path& path,
                           std::initializer_list<std::span<const std::byte>> parts);

}  // namespace xpuruntime::toolkit
