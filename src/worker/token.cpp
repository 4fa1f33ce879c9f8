// SPDX-License-Identifier: Apache-2.0
#include "token.h"

#include <sys/random.h>

#include <array>

#include "error.h"

namespace xpuruntime::worker {

std::string random_token() {
  std::array<unsigned char, 16> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw_errno("getrandom");
  }
  std::string token;
  for (const unsigned char byte : random) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

}  // namespace xpuruntime::worker
