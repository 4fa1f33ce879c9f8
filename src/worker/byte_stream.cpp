// SPDX-License-Identifier: Apache-2.0
#include "byte_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "error.h"

namespace xpuruntime::worker {
namespace {

/// Descriptors that a peer may have sent ahead of the frames that name them.
constexpr size_t kMaxAttached = 16;

void make_nonblocking(const Descriptor& descriptor) {
  const int flags = fcntl(descriptor.get(), F_GETFL);
  if (flags < 0 || fcntl(descriptor.get(), F_SETFL, flags | O_NONBLOCK) != 0) throw_errno("fcntl");
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

/// While it lives, writing to a pipe that nobody reads fails and kills nobody.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    constexpr timespec kNow{0, 0};
    const int error = errno;
    if (!was_pending_) {
      while (sigtimedwait(&pipe_, nullptr, &kNow) < 0 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t pipe_{}, before_{};
  bool was_pending_ = false;
};

}  // namespace

void throw_errno(const std::string& what) {
  throw TransportFailure(what + ": " + std::strerror(errno));
}

bool wait_for(int descriptor, short events, TimePoint until) {
  while (true) {
    timespec left{};
    if (until != kNever) {
      const auto rest = std::max(until - Clock::now(), Clock::duration::zero());
      left.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(rest).count();
      left.tv_nsec = (rest % std::chrono::seconds(1)).count();
    }
    pollfd polled{descriptor, events, 0};
    const int ready = ppoll(&polled, 1, until != kNever ? &left : nullptr, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) throw_errno("poll");
  }
}

ByteStream::ByteStream(Descriptor socket) : in_(std::move(socket)), is_socket_(true) {
  make_nonblocking(in_);
}

ByteStream::ByteStream(Descriptor in, Descriptor out)
    : in_(std::move(in)), out_(std::move(out)), is_socket_(false) {
  make_nonblocking(in_);
  make_nonblocking(out_);
}

size_t ByteStream::read_some(std::span<std::byte> to, TimePoint until) {
  while (true) {
    ssize_t got = 0;
    if (is_socket_) {
      iovec piece{to.data(), to.size()};
      alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 4)> control;
      msghdr message{};
      message.msg_iov = &piece;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      got = recvmsg(in_.get(), &message, MSG_CMSG_CLOEXEC);
      if (got >= 0 && message.msg_controllen > 0) keep_attached(message);
    } else {
      got = read(in_.get(), to.data(), to.size());
    }
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) throw PeerGone("the other side has closed the connection");
    if (errno == EINTR) continue;
    if (!would_block()) {
      throw PeerGone(std::string("the connection is broken: ") + std::strerror(errno));
    }
    if (!wait_for(in_.get(), POLLIN, until)) return 0;
  }
}

void ByteStream::keep_attached(const msghdr& message) {
  auto* header = const_cast<msghdr*>(&message);
  for (cmsghdr* each = CMSG_FIRSTHDR(header); each != nullptr; each = CMSG_NXTHDR(header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(each) + i * sizeof(int), sizeof(int));
      attached_.emplace_back(number);
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0 || attached_.size() > kMaxAttached) {
    throw BadFrame("more descriptors came than frames name");
  }
}

Descriptor ByteStream::take_attached() {
  if (attached_.empty()) return {};
  Descriptor first = std::move(attached_.front());
  attached_.pop_front();
  return first;
}

ssize_t ByteStream::write_some(std::span<iovec> pieces, int attached) {
  constexpr size_t kMostPieces = 64;
  const size_t count = std::min(pieces.size(), kMostPieces);
  if (!is_socket_) {
    const NoSigpipe no_sigpipe;
    return writev(out(), pieces.data(), static_cast<int>(count));
  }
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  if (attached >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &attached, sizeof(int));
  }
  return sendmsg(out(), &message, MSG_NOSIGNAL);
}

void ByteStream::write_all(std::span<iovec> pieces, TimePoint until, int attached) {
  while (true) {
    while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
    if (pieces.empty()) return;
    const ssize_t wrote = write_some(pieces, attached);
    if (wrote < 0) {
      if (errno == EINTR) continue;
      if (!would_block()) {
        throw PeerGone(std::string("the connection is broken: ") + std::strerror(errno));
      }
      if (!wait_for(out(), POLLOUT, until)) {
        throw TimedOut("the other side did not take what was sent in time");
      }
      continue;
    }
    if (wrote > 0) attached = -1;
    for (auto rest = static_cast<size_t>(wrote); rest > 0;) {
      iovec& first = pieces.front();
      const size_t done = std::min(rest, first.iov_len);
      first.iov_base = static_cast<std::byte*>(first.iov_base) + done;
      first.iov_len -= done;
      rest -= done;
      if (first.iov_len == 0) pieces = pieces.subspan(1);
    }
  }
}

}  // namespace xpuruntime::worker
