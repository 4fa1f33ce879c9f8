// SPDX-License-Identifier: Apache-2.0
#include "toolkit/byte_source.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {

ByteSource open_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw InvalidArgumentError(path.string() + ": there is no such file");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw InvalidArgumentError(path.string() + ": not a regular file");
  }
  auto stream = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*stream) {
    throw InvalidArgumentError(path.string() + ": cannot be opened: " + std::strerror(errno));
  }
  const uint64_t size = std::filesystem::file_size(path);
  auto read = [stream, label = path.string()](void* to, size_t count) {
    stream->read(static_cast<char*>(to), static_cast<std::streamsize>(count));
    if (static_cast<size_t>(stream->gcount()) != count) {
      throw InvalidArgumentError(label + ": ends after " + std::to_string(stream->gcount()) +
                                 " of the " + std::to_string(count) + " bytes expected next");
    }
  };
  return {path.string(), size, read};
}

}  // namespace xpuruntime::toolkit
