// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "channel.h"
#include "descriptor.h"

namespace xpuruntime::worker {

/// Segments of shared memory, our own and the peer's, of one connection. Thread-safe. Blocks keep
/// alive what they lie in.
class Segments {
 public:
  /// `lends`: what we send is the peer's until it says that it is released (a worker's replies);
  /// else until our own block is gone (a parent's requests, which it holds until they are
  /// answered).
  explicit Segments(bool lends);
  ~Segments();

  /// In a segment of ours that nobody uses. Throws std::bad_alloc, TransportFailure.
  std::shared_ptr<Block> allocate(uint64_t bytes);
  /// Where a block of ours lies. Throws BadFrame for a block of somebody else's.
  Place place_of(const Block& block) const;
  /// Notes that the block is being sent. Gives the descriptor of its segment, if the peer does not
  /// have it yet.
  Descriptor begin_sending(const Block& block);

  /// Is the peer's segment mapped already?
  bool knows(uint64_t segment) const;
  /// The peer's payload. `descriptor` is needed for a segment that is not known yet. Throws
  /// BadFrame for a segment that cannot be used.
  std::shared_ptr<Block> open(const Place& place, uint64_t bytes, Descriptor descriptor);

  /// What the next message `segments` says; "" where there is nothing to say.
  std::string take_notes();
  /// Follows the peer's message `segments`. Throws BadFrame.
  void take_notes_of_peer(const std::string& json);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace xpuruntime::worker
