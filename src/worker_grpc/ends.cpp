// SPDX-License-Identifier: Apache-2.0
/// Both ends of transport grpc, as src/worker opens them (worker/grpc_library.h).
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>
#include <tuple>

#include "grpc_channel.h"
#include "worker/byte_stream.h"
#include "worker/error.h"
#include "worker/grpc_library.h"
#include "worker/handshake.h"
#include "worker/token.h"

namespace xpuruntime::worker_grpc {
namespace {

using worker::BadFrame;
using worker::ByteStream;
using worker::Channel;
using worker::Clock;
using worker::Descriptor;
using worker::Hello;
using worker::ParentEnd;
using worker::PeerGone;
using worker::TimedOut;
using worker::TimePoint;

/// How often it is asked whether the other side still lives.
constexpr std::chrono::milliseconds kLook{20};
/// From the start of a worker to its parent's call.
constexpr std::chrono::seconds kCallTime{30};
constexpr size_t kMaxLine = 8192;

/// What a worker says over the inherited socket, a line of JSON: address and token, or an error.
std::string read_line(ByteStream& stream, TimePoint until, const std::function<bool()>& lives) {
  std::string line;
  std::array<char, 512> piece;
  while (!line.ends_with('\n')) {
    const size_t got = stream.read_some(std::as_writable_bytes(std::span(piece)),
                                        std::min(until, Clock::now() + kLook));
    line.append(piece.data(), got);
    if (line.size() > kMaxLine) throw BadFrame("the worker's address does not end");
    if (got > 0) continue;
    if (Clock::now() >= until) throw TimedOut("the worker did not say its address in time");
    if (!lives()) throw PeerGone("the worker ended before it said its address");
  }
  return line;
}

void write_line(ByteStream& stream, std::string line) {
  line += '\n';
  iovec piece{line.data(), line.size()};
  stream.write_all({&piece, 1}, Clock::now() + kCallTime);
}

std::unique_ptr<Call> call_as_said(const std::string& line) {
  if (line.find("\"error\"") != std::string::npos) {
    throw worker::NotInstalled(worker::from_json<worker::ErrorFacts>(line).message);
  }
  const std::string address = worker::text_member(line, "address");
  if (!address.starts_with("127.0.0.1:")) {
    throw BadFrame("expected an address as 127.0.0.1:1234, got '" + address + "'");
  }
  return call_worker(address, worker::text_member(line, "token"));
}

class GrpcParentEnd : public ParentEnd {
 public:
  GrpcParentEnd() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      worker::throw_errno("socketpair");
    }
    ours_ = Descriptor(ends[0]);
    theirs_ = Descriptor(ends[1]);
  }
  std::vector<std::string> arguments() const override {
    return {"--transport", "grpc", "--fd", std::to_string(worker::kInherited)};
  }
  int inherited() const override { return theirs_.get(); }
  std::unique_ptr<Channel> connect(TimePoint until, const std::function<bool()>& lives,
                                   Hello& hello) override {
    theirs_.reset();  // so that the worker's end is the only one
    ByteStream stream(std::move(ours_));
    auto channel = std::make_unique<GrpcChannel>(call_as_said(read_line(stream, until, lives)),
                                                 Kind::kRequest);
    hello = worker::welcome_worker(*channel, "", until);
    return channel;
  }

 private:
  Descriptor ours_, theirs_;
};

std::unique_ptr<Channel> worker_end(Descriptor inherited) {
  const std::string token = worker::random_token();
  const auto server = Server::listen(token);
  const int life = inherited.get();
  ByteStream stream(std::move(inherited));
  write_line(stream, R"({"address": ")" + server->address() + R"(", "token": ")" + token + R"("})");
  const TimePoint until = Clock::now() + kCallTime;
  while (Clock::now() < until) {
    if (auto call = server->accept(Clock::now() + kLook)) {
      return std::make_unique<GrpcChannel>(std::move(call), Kind::kResponse);
    }
    pollfd polled{life, POLLIN, 0};
    // The parent closes it as it calls, or as it dies.
    if (poll(&polled, 1, 0) > 0 && (polled.revents & (POLLHUP | POLLERR)) != 0) {
      throw PeerGone("the parent is gone");
    }
  }
  throw TimedOut("the parent did not call");
}

}  // namespace
}  // namespace xpuruntime::worker_grpc

extern "C" {

xpuruntime::worker::ParentEnd* xpurt_grpc_parent_end() {
  return new xpuruntime::worker_grpc::GrpcParentEnd;
}

xpuruntime::worker::Channel* xpurt_grpc_worker_end(int inherited) {
  return xpuruntime::worker_grpc::worker_end(xpuruntime::worker::Descriptor(inherited)).release();
}
}
