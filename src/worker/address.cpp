// SPDX-License-Identifier: Apache-2.0
#include "address.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <string_view>

#include "error.h"
#include "transport.h"

namespace xpuruntime::worker {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1:";

/// 0: it is none.
uint16_t port_of(std::string_view text) {
  if (!text.starts_with(kLoopback)) return 0;
  text.remove_prefix(kLoopback.size());
  uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && stop == text.data() + text.size() ? port : uint16_t{0};
}

/// Binding says nothing of those that may share the port, so no other bind succeeds; what listens
/// there for a worker later may, and so may connections that are about to end.
Descriptor hold_port(const std::string& text, uint16_t port) {
  Descriptor guard(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!guard) throw_errno("a socket for " + text);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(guard.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == EADDRINUSE) {
      throw TransportFailure(text + " is in use, by another session or program");
    }
    throw_errno(text);
  }
  const int on = 1;
  if (setsockopt(guard.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) throw_errno(text);
  return guard;
}

Descriptor hold_folder(const std::string& text) {
  Descriptor guard(open(text.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!guard) throw_errno("folder '" + text + "'");
  if (flock(guard.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      throw TransportFailure("folder '" + text + "' is in use, by another session");
    }
    throw_errno("locking folder '" + text + "'");
  }
  return guard;
}

}  // namespace

std::string Address::form(Transport transport) {
  if (transport == Transport::kTcp) return "127.0.0.1:PORT";
  return transport == Transport::kPipe ? "the absolute path of a folder" : "";
}

bool Address::fits(Transport transport, const std::string& text) {
  if (transport == Transport::kTcp) return port_of(text) != 0;
  return transport == Transport::kPipe && text.starts_with('/');
}

std::shared_ptr<const Address> Address::hold(Transport transport, const std::string& text) {
  const uint16_t port = transport == Transport::kTcp ? port_of(text) : uint16_t{0};
  Descriptor guard = port != 0 ? hold_port(text, port) : hold_folder(text);
  return std::shared_ptr<const Address>(new Address(text, std::move(guard), port));
}

}  // namespace xpuruntime::worker
