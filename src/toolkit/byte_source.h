// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace xpuruntime::toolkit {

/// Bytes that are read once, front to back: a file, or an entry of an archive.
struct ByteSource {
  std::string label;  ///< names the source in messages
  uint64_t size = 0;  ///< bytes in all
  /// Puts the next `count` bytes at `to`; throws InvalidArgumentError when there are fewer.
  std::function<void(void* to, size_t count)> read;
};

/// Opens a regular file. Throws InvalidArgumentError when that cannot be done.
ByteSource open_file(const std::filesystem::path& path);

}  // namespace xpuruntime::toolkit
