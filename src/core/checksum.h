// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace xpuruntime {

/// XXH3 with 128 bits (xxHash 0.8) of what it is given bit by bit. It tells damage, ten times as
/// fast as SHA-256, and not bytes that somebody chose.
class Checksum {
 public:
  static constexpr size_t kDigits = 32;

  Checksum();
  ~Checksum();
  void add(std::span<const std::byte> bytes);
  /// kDigits hexadecimal digits of what was added so far.
  std::string digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xpuruntime
