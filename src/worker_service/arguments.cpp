// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "worker/error.h"
#include "worker_main.h"

namespace xpuruntime::worker_service {

worker::WorkerArguments read_arguments(std::span<const std::string> words) {
  worker::WorkerArguments read;
  for (size_t i = 0; i < words.size(); i += 2) {
    const std::string& name = words[i];
    if (i + 1 == words.size()) throw worker::BadFrame("argument " + name + " has no value");
    const std::string& value = words[i + 1];
    if (name == "--transport") {
      read.transport = value;
    } else if (name == "--connect") {
      read.address = value;
    } else if (name == "--requests") {
      read.requests = value;
    } else if (name == "--replies") {
      read.replies = value;
    } else if (name == "--folder") {
      read.folder = value;
    } else if (name == "--fd") {
      const char* const end = value.data() + value.size();
      if (std::from_chars(value.data(), end, read.descriptor).ptr != end || read.descriptor < 0) {
        throw worker::BadFrame("--fd: expected a descriptor, got '" + value + "'");
      }
    } else {
      throw worker::BadFrame("there is no argument " + name);
    }
  }
  return read;
}

}  // namespace xpuruntime::worker_service
