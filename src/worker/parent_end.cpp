// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

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

/// tcp: a port on the loopback interface, the kernel's choice or the user's, for who knows the
/// token.
class TcpEnd : public ParentEnd {
 public:
  explicit TcpEnd(const Address* chosen)
      : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (chosen != nullptr && listening_) {
      address.sin_port = htons(chosen->port());
      share_port();
    }
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (!listening_ || bind(listening_.get(), any, length) != 0 ||
        listen(listening_.get(), 4) != 0 || getsockname(listening_.get(), any, &length) != 0) {
      throw_errno("listening on " + (chosen != nullptr ? chosen->text() : "127.0.0.1"));
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
  /// With the guard of the address and the connection of a worker before. Connections, which get
  /// these options from here, leave nothing behind that would hold the port when they end.
  void share_port() {
    const int on = 1;
    const linger none{.l_onoff = 1, .l_linger = 0};
    setsockopt(listening_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(listening_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  }

  Descriptor listening_;
  uint16_t port_ = 0;
  std::string token_ = random_token();
};

constexpr const char* kRequests = "requests.pipe";
constexpr const char* kReplies = "replies.pipe";

/// A file of that name which is no pipe is left.
void remove_pipe(const Address& folder, const char* name) noexcept {
  struct stat facts{};
  if (fstatat(folder.folder(), name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(facts.st_mode)) {
    unlinkat(folder.folder(), name, 0);
  }
}

/// The reading and the writing end of a new pipe of that name. What a parent has left that was
/// killed is replaced.
std::pair<Descriptor, Descriptor> make_named_pipe(const Address& folder, const char* name) {
  const std::string path = folder.text() + "/" + name;
  remove_pipe(folder, name);
  if (mkfifoat(folder.folder(), name, S_IRUSR | S_IWUSR) != 0) throw_errno("pipe " + path);
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  Descriptor reads(openat(folder.folder(), name, O_RDONLY | kFlags));
  Descriptor writes(openat(folder.folder(), name, O_WRONLY | kFlags));
  if (!reads || !writes) throw_errno("pipe " + path);
  return {std::move(reads), std::move(writes)};
}

/// pipe: two pipes whose names are in /proc, or in the user's folder until the worker has them.
class PipeEnd : public ParentEnd {
 public:
  explicit PipeEnd(const Address* folder) : folder_(folder) {
    const auto make = [&](const char* name) {
      return folder != nullptr ? make_named_pipe(*folder, name) : make_pipe();
    };
    try {
      std::tie(their_requests_, our_requests_) = make(kRequests);
      std::tie(our_replies_, their_replies_) = make(kReplies);
    } catch (const TransportFailure&) {
      remove_names();
      throw;
    }
  }
  ~PipeEnd() override {
    if (their_requests_) remove_names();
  }
  std::vector<std::string> arguments() const override {
    const auto path = [&](const char* name, const Descriptor& end) {
      return folder_ != nullptr ? folder_->text() + "/" + name : path_of(end);
    };
    return {"--transport", "pipe",
            "--requests",  path(kRequests, their_requests_),
            "--replies",   path(kReplies, their_replies_)};
  }
  std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& lives,
                                   Hello& hello) override {
    wait_for_worker(our_replies_.get(), until, lives);  // then it has opened both
    remove_names();
    their_requests_.reset();
    their_replies_.reset();
    auto channel = std::make_unique<StreamChannel>(
        ByteStream(std::move(our_replies_), std::move(our_requests_)), nullptr);
    hello = welcome_worker(*channel, "", until);
    return channel;
  }

 private:
  void remove_names() const noexcept {
    if (folder_ == nullptr) return;
    remove_pipe(*folder_, kRequests);
    remove_pipe(*folder_, kReplies);
  }

  const Address* folder_;
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

std::unique_ptr<ParentEnd> ParentEnd::make(Transport transport, const Address* address) {
  switch (transport) {
    case Transport::kSharedMemory:
    case Transport::kUnix:
      return std::make_unique<SocketEnd>(transport);
    case Transport::kTcp:
      return std::make_unique<TcpEnd>(address);
    case Transport::kPipe:
      return std::make_unique<PipeEnd>(address);
    case Transport::kGrpc:
      return grpc_parent_end();
    case Transport::kJsonFile:
      break;
  }
  return std::make_unique<FileEnd>();
}

}  // namespace xpuruntime::worker
