// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "frame.h"

namespace xpuruntime::worker {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
/// Waits as long as it takes.
inline constexpr TimePoint kNever = TimePoint::max();

/// Memory of a payload, aligned to 64 bytes. What it lies in goes back when the last holder lets
/// go of it, on any thread, also after the channel is gone.
class Block {
 public:
  virtual ~Block() = default;
  std::span<std::byte> bytes() const noexcept { return bytes_; }

 protected:
  Block() = default;
  explicit Block(std::span<std::byte> bytes) noexcept : bytes_(bytes) {}
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  std::span<std::byte> bytes_;
};

/// One frame, whatever carries it.
struct Message {
  MessageType type{};
  uint64_t id = 0;
  std::string json = "{}";
  std::shared_ptr<Block> payload{};  ///< null: 0 bytes
};

/// One side of a connection.
class Channel {
 public:
  virtual ~Channel() = default;

  /// Memory to write a payload into that this channel sends without another copy, if it can.
  /// Throws std::bad_alloc, TransportFailure. Any thread.
  virtual std::shared_ptr<Block> allocate(uint64_t bytes) = 0;
  /// A payload is one of allocate(), and is not written after that until it is allocated again.
  /// Any thread. Throws PeerGone, TimedOut (the channel cannot be used any more), BadFrame for
  /// what is beyond the limits.
  virtual void send(const Message& message, TimePoint until) = 0;
  /// The next frame; nothing when the time has come before its first byte has. One thread at a
  /// time. Throws PeerGone, BadFrame and, in the midst of a frame, TimedOut; none is to be received
  /// after that.
  virtual std::optional<Message> receive(TimePoint until) = 0;
  /// Payloads that are longer are refused on receipt.
  virtual void set_max_payload(uint64_t bytes) = 0;
  /// This process ends without destroying anything: removes what would be left behind. Any thread.
  virtual void abandon() noexcept {}
};

/// Plain memory, not written yet. Throws std::bad_alloc.
std::shared_ptr<Block> heap_block(uint64_t bytes);

}  // namespace xpuruntime::worker
