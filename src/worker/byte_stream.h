// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <deque>
#include <span>

#include "channel.h"
#include "descriptor.h"

namespace xpuruntime::worker {

/// Bytes over file descriptors, with a limit of time on every wait: a socket, or two pipes. One
/// thread at a time reads, and one writes.
class ByteStream {
 public:
  /// A connected stream socket.
  explicit ByteStream(Descriptor socket);
  ByteStream(Descriptor in, Descriptor out);

  /// Reads what there is, a byte at least; 0 when the time has come. Throws PeerGone.
  size_t read_some(std::span<std::byte> to, TimePoint until);
  /// Writes it all. `attached`, a descriptor or -1, goes with the first byte of it. Changes
  /// `pieces`. Throws PeerGone, TimedOut.
  void write_all(std::span<iovec> pieces, TimePoint until, int attached = -1);
  /// A descriptor that came with what was read; none where there is none.
  Descriptor take_attached();

 private:
  int out() const noexcept { return is_socket_ ? in_.get() : out_.get(); }
  ssize_t write_some(std::span<iovec> pieces, int attached);
  void keep_attached(const ::msghdr& message);

  Descriptor in_, out_;
  bool is_socket_;
  std::deque<Descriptor> attached_;
};

/// Waits for `events` of a descriptor; false: the time has come.
bool wait_for(int descriptor, short events, TimePoint until);

}  // namespace xpuruntime::worker
