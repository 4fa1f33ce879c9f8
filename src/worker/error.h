// SPDX-License-Identifier: Apache-2.0
/// What goes wrong between a parent and a worker. How an engine failed is no exception here but a
/// message (messages.h).
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace xpuruntime::worker {

/// The other side sent what it must not.
class BadFrame : public std::runtime_error {
 public:
  explicit BadFrame(const std::string& what, uint64_t request = 0)
      : std::runtime_error(what), request_id(request) {}
  uint64_t request_id;  ///< that the frame belongs to; 0 where that is not known
};

/// The other side has closed, or died.
class PeerGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The other side did not take or give what it had to in time.
class TimedOut : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The system refused what a transport needs: a socket, a folder, a process.
class TransportFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A program that a worker is run by is not there.
class NotInstalled : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A TransportFailure that names `what` and errno.
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace xpuruntime::worker
