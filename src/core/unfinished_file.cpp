// SPDX-License-Identifier: Apache-2.0
#include "unfinished_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "xpuruntime/error.h"

namespace xpuruntime {

UnfinishedFile::UnfinishedFile(std::filesystem::path target)
    : target_(std::move(target)),
      name_(target_.string() + ".XXXXXX" + kUnfinishedExtension),
      descriptor_(
          mkostemps(name_.data(), static_cast<int>(std::strlen(kUnfinishedExtension)), O_CLOEXEC)) {
  if (descriptor_ >= 0) return;
  const int error = errno;
  name_.clear();
  fail(error);
}

UnfinishedFile::~UnfinishedFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!name_.empty()) unlink(name_.c_str());
}

void UnfinishedFile::write(std::span<const std::byte> bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    bytes = bytes.subspan(static_cast<size_t>(written));
    at += written;
  }
}

void UnfinishedFile::publish() {
  const int closed = close(std::exchange(descriptor_, -1));
  if (closed != 0 || std::rename(name_.c_str(), target_.c_str()) != 0) fail(errno);
  name_.clear();
}

void UnfinishedFile::fail(int error) const {
  throw UnavailableError(target_.string() + ": cannot be written: " + std::strerror(error));
}

void make_private_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder, error)) return;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) throw UnavailableError(folder.string() + ": cannot be made: " + error.message());
}

}  // namespace xpuruntime
