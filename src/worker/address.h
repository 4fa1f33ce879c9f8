// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "descriptor.h"

namespace xpuruntime::worker {

enum class Transport;

/// Where a parent and its worker meet, chosen by the user: a port for tcp, a folder for the two
/// pipes of pipe. As long as it lives, no other session and no other program gets it.
class Address {
 public:
  /// The form of one, for people: "127.0.0.1:PORT"; "" of a transport that has none.
  static std::string form(Transport transport);
  static bool fits(Transport transport, const std::string& text);
  /// For a text that fits. Throws TransportFailure, which names it: it is held, or cannot be.
  static std::shared_ptr<const Address> hold(Transport transport, const std::string& text);

  const std::string& text() const noexcept { return text_; }
  uint16_t port() const noexcept { return port_; }      ///< of tcp
  int folder() const noexcept { return guard_.get(); }  ///< of pipe: a descriptor

 private:
  Address(std::string text, Descriptor guard, uint16_t port)
      : text_(std::move(text)), guard_(std::move(guard)), port_(port) {}
  std::string text_;
  Descriptor guard_;
  uint16_t port_;
};

}  // namespace xpuruntime::worker
