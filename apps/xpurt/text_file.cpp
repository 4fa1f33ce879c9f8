// SPDX-License-Identifier: Apache-2.0
#include "text_file.h"

#include <fstream>
#include <iterator>

#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {

std::string read_text_file(const char* option, const std::string& path) {
  std::ifstream file(path);
  file.peek();  // sets badbit for a folder, where the iterator below would throw
  if (!file.is_open() || file.bad()) {
    throw InvalidArgumentError(std::string(option) + ": " + path + " cannot be read");
  }
  if (file.eof()) throw InvalidArgumentError(std::string(option) + ": " + path + " is empty");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace xpuruntime::xpurt
