// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace xpuruntime {

/// Which file a path leads to, and as of when: who writes to it changes that, as far as the file
/// system tells times apart.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t bytes = 0;
  int64_t modified = 0;  ///< nanoseconds since 1970
  int64_t changed = 0;   ///< the same, which nobody can set
  bool operator==(const FileStamp&) const = default;
};

/// Throws ModelNotFoundError, UnavailableError.
FileStamp stamp_of(const std::filesystem::path& path);

/// A regular file's bytes, mapped for reading.
class MappedFile {
 public:
  /// Throws ModelNotFoundError when it is not there, UnavailableError when it cannot be read or is
  /// no regular file.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  const FileStamp& stamp() const noexcept { return stamp_; }

 private:
  FileStamp stamp_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace xpuruntime
