// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <tuple>

#include "error.h"
#include "file_channel.h"
#include "grpc_library.h"
#include "handshake.h"
#include "stream_channel.h"
#include "token.h"
#include "transport.h"

namespace xpuruntime::worker {
namespace {

/// How often it is asked whether the worker still lives, until its end of the connection is.
constexpr std::chrono::milliseconds kLook{20};

std::pair<Descriptor, Descriptor> socket_pair() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_errno("socketpair");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::pair<Descriptor, Descriptor> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// Its name in the file system, which goes with this process.
std::string path_of(const Descriptor& descriptor) {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(descriptor.get());
}

/// Waits until there is something to read, the time has come or the worker is gone.
void wait_for_worker(int descriptor, TimePoint until, const std::function<bool()>& lives) {
  while (!wait_for(descriptor, POLLIN, std::min(until, Clock::now() + kLook))) {
    if (Clock::now() >= until) throw TimedOut("the worker did not connect in time");
    if (!lives()) throw PeerGone("the worker ended before it connected");
  }
}

/// shared_memory and unix: a socket that the worker inherits.
class SocketEnd : public ParentEnd {
 public:
  explicit SocketEnd(Transport transport) : transport_(transport) {
    std::tie(ours_, theirs_) = socket_pair();
  }
  std::vector<std::string> arguments() const override {
    return {"--transport", std::string(name_of(transport_)), "--fd", std::to_string(kInherited)};
  }
  int inherited() const override { return theirs_.get(); }
  std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& /*lives*/,
                                   Hello& hello) override {
    theirs_.reset();  // so that the worker's end is the only one
    auto segments = transport_ == Transport::kSharedMemory
                        ? std::make_unique<Segments>(/*lends=*/false)
                        : nullptr;
    auto channel =
        std::make_unique<StreamChannel>(ByteStream(std::move(ours_)), std::move(segments));
    hello = welcome_worker(*channel, "", until);
    return channel;
  }

 private:
  Transport transport_;
  Descriptor ours_, theirs_;
};

/// tcp: a port of the kernel's choice on the loopback interface, for who knows the token.
class TcpEnd : public ParentEnd {
 public:
  TcpEnd() : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (!listening_ || bind(listening_.get(), any, length) != 0 ||
        listen(listening_.get(), 4) != 0 || getsockname(listening_.get(), any, &length) != 0) {
      throw_errno("listening on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
  }
  std::vector<std::string> arguments() const override {
    return {"--transport", "tcp", "--connect", "127.0.0.1:" + std::to_string(port_)};
  }
  std::string token() const override { return token_; }
  std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& lives,
                                   Hello& hello) override {
    constexpr std::chrono::seconds kPatience{5};  // with one that may be anybody
    while (true) {
      wait_for_worker(listening_.get(), until, lives);
      Descriptor accepted(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!accepted) continue;
      const int on = 1;
      setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      auto channel = std::make_unique<StreamChannel>(ByteStream(std::move(accepted)), nullptr);
      try {
        hello = welcome_worker(*channel, token_, std::min(until, Clock::now() + kPatience));
        listening_.reset();
        return channel;
      } catch (const std::runtime_error&) {
        // Not the worker: that may still come.
      }
    }
  }

 private:
  Descriptor listening_;
  uint16_t port_ = 0;
  std::string token_ = random_token();
};

/// pipe: two pipes whose names are in /proc.
class PipeEnd : public ParentEnd {
 public:
  PipeEnd() {
    std::tie(their_requests_, our_requests_) = make_pipe();
    std::tie(our_replies_, their_replies_) = make_pipe();
  }
  std::vector<std::string> arguments() const override {
    return {"--transport",          "pipe", "--requests", path_of(their_requests_), "--replies",
            path_of(their_replies_)};
  }
  std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& lives,
                                   Hello& hello) override {
    wait_for_worker(our_replies_.get(), until, lives);  // then it has opened both
    their_requests_.reset();
    their_replies_.reset();
    auto channel = std::make_unique<StreamChannel>(
        ByteStream(std::move(our_replies_), std::move(our_requests_)), nullptr);
    hello = welcome_worker(*channel, "", until);
    return channel;
  }

 private:
  Descriptor their_requests_, our_requests_, our_replies_, their_replies_;
};

/// json_file: a folder, and a socket whose end says that one side is gone.
class FileEnd : public ParentEnd {
 public:
  FileEnd() {
    std::tie(ours_, theirs_) = socket_pair();
    std::string pattern =
        (std::filesystem::temp_directory_path() / "xpuruntime-worker-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw_errno("making folder " + pattern);
    folder_ = pattern;
    channel_ = std::make_unique<FileChannel>(folder_, FileChannel::Side::kParent, std::move(ours_));
  }
  std::vector<std::string> arguments() const override {
    return {"--transport", "json_file", "--folder", folder_, "--fd", std::to_string(kInherited)};
  }
  int inherited() const override { return theirs_.get(); }
  std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& /*lives*/,
                                   Hello& hello) override {
    theirs_.reset();
    hello = welcome_worker(*channel_, "", until);
    return std::move(channel_);
  }

 private:
  Descriptor ours_, theirs_;
  std::string folder_;
  std::unique_ptr<FileChannel> channel_;
};

}  // namespace

std::unique_ptr<ParentEnd> ParentEnd::make(Transport transport) {
  switch (transport) {
    case Transport::kSharedMemory:
    case Transport::kUnix:
      return std::make_unique<SocketEnd>(transport);
    case Transport::kTcp:
      return std::make_unique<TcpEnd>();
    case Transport::kPipe:
      return std::make_unique<PipeEnd>();
    case Transport::kGrpc:
      return grpc_parent_end();
    case Transport::kJsonFile:
      break;
  }
  return std::make_unique<FileEnd>();
}

}  // namespace xpuruntime::worker
