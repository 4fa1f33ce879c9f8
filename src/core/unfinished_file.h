// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace xpuruntime {

/// Of a file that is being written.
inline constexpr const char* kUnfinishedExtension = ".unfinished";

/// A file that is written under a name of its own beside the one that it is to have, so that nobody
/// sees half of it; removed unless it was published.
class UnfinishedFile {
 public:
  /// Throws UnavailableError when it cannot be made; so do the others.
  explicit UnfinishedFile(std::filesystem::path target);
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;
  ~UnfinishedFile();

  void write(std::span<const std::byte> bytes, off_t at);
  /// Gives it its name, in place of what had it.
  void publish();

 private:
  [[noreturn]] void fail(int error) const;

  const std::filesystem::path target_;
  std::string name_;
  int descriptor_;
};

/// Makes a folder that is not there, for this user alone: what lies in it is run.
/// Throws UnavailableError.
void make_private_folder(const std::filesystem::path& folder);

}  // namespace xpuruntime
