// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace xpuruntime::worker {

/// "127.0.0.1:PORT" of a port that nobody had a moment ago.
inline std::string free_address() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound = bind(probe, any, length) == 0 && getsockname(probe, any, &length) == 0;
  close(probe);
  return "127.0.0.1:" + std::to_string(is_bound ? ntohs(address.sin_port) : 0);
}

}  // namespace xpuruntime::worker
