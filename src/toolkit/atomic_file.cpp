// SPDX-License-Identifier: Apache-2.0
#include "toolkit/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

/// A file of its own name beside the target; removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target)
      : target_(target), name_(target.string() + ".XXXXXX"), descriptor_(mkstemp(name_.data())) {
    if (descriptor_ < 0) {
      throw InvalidArgumentError(target.string() + ": cannot be written: " + std::strerror(errno));
    }
    // mkstemp makes it private; a result is as readable as any file of the user's.
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor_, 0666 & ~mask);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!name_.empty()) unlink(name_.c_str());
  }

  void write(std::span<const std::byte> part) {
    while (!part.empty()) {
      const ssize_t written = ::write(descriptor_, part.data(), part.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      part = part.subspan(static_cast<size_t>(written));
    }
  }
  void move_to_target() {
    const int closed = close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) fail();
    if (std::rename(name_.c_str(), target_.c_str()) != 0) {
      throw InvalidArgumentError(target_.string() + ": cannot be written: " + std::strerror(errno));
    }
    name_.clear();
  }

 private:
  [[noreturn]] void fail() const {
    throw UnavailableError(target_.string() + ": writing failed: " + std::strerror(errno));
  }

  const std::filesystem::path target_;
  std::string name_;
  int descriptor_;
};

}  // namespace

void write_file_atomically(const std::filesystem::path& path,
                           std::initializer_list<std::span<const std::byte>> parts) {
  TemporaryFile file(path);
  for (const auto& part : parts) file.write(part);
  file.move_to_target();
}

}  // namespace xpuruntime::toolkit
