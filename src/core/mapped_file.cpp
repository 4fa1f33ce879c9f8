// SPDX-License-Identifier: Apache-2.0
#include "mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// An open file, for as long as it takes to map it.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

[[noreturn]] void fail(const std::filesystem::path& path, const char* why) {
  throw UnavailableError(path.string() + ": cannot be read: " + why);
}

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  if (error == ENOENT) throw ModelNotFoundError(path.string() + ": there is no such file");
  fail(path, std::strerror(error));
}

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

}  // namespace

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) fail(path, errno);
  return stamp_of(status);
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  // Not to wait for the other end of a pipe.
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat status{};
  if (file.number < 0 || fstat(file.number, &status) != 0) fail(path, errno);
  if (!S_ISREG(status.st_mode)) fail(path, "it is no regular file");
  stamp_ = stamp_of(status);
  size_ = static_cast<size_t>(status.st_size);
  if (size_ == 0) return;
  void* data = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (data == MAP_FAILED) fail(path, std::strerror(errno));
  data_ = static_cast<const std::byte*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace xpuruntime
