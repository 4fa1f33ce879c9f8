// SPDX-License-Identifier: Apache-2.0
#include "text_file.h"

#include <fstream>

#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {

std::string read_text_file(const char* option, const std::string& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text, '\0');  // sets badbit for a folder, where a streambuf would throw
  if (!file.is_open() || file.bad()) {
    throw InvalidArgumentError(std::string(option) + ": " + path + " cannot be read");
  }
  if (text.empty()) throw InvalidArgumentError(std::string(option) + ": " + path + " is empty");
  return text;
}

}  // namespace xpuruntime::xpurt
