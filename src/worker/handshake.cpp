// SPDX-License-Identifier: Apache-2.0
#include "handshake.h"

#include "error.h"

namespace xpuruntime::worker {
namespace {

Message expect_message(Channel& channel, TimePoint until, const char* what) {
  auto message = channel.receive(until);
  if (!message) throw TimedOut(std::string("the other side did not say ") + what + " in time");
  return std::move(*message);
}

void check_version(int32_t protocol) {
  if (protocol == kProtocolVersion) return;
  throw BadFrame("the other side speaks version " + std::to_string(protocol) +
                 " of the worker protocol, and " + std::to_string(kProtocolVersion) +
                 " is spoken here");
}

}  // namespace

Hello welcome_worker(Channel& channel, const std::string& token, TimePoint until) {
  try {
    const Message message = expect_message(channel, until, "hello");
    if (message.type != MessageType::kHello) {
      throw BadFrame("expected hello, got " + std::string(name_of(message.type)), message.id);
    }
    const auto hello = from_json<Hello>(message.json);
    check_version(hello.protocol);
    if (hello.token != token) throw BadFrame("the token is not the worker's", message.id);
    channel.send({MessageType::kReply, message.id, to_json(Welcome{})}, until);
    return hello;
  } catch (const BadFrame& error) {
    refuse(channel, error);
    throw;
  }
}

void greet_parent(Channel& channel, const Hello& hello, TimePoint until) {
  channel.send({MessageType::kHello, 1, to_json(hello)}, until);
  const Message answer = expect_message(channel, until, "a reply to hello");
  if (answer.type == MessageType::kError) {
    throw BadFrame("the parent refused: " + from_json<ErrorFacts>(answer.json).message);
  }
  if (answer.type != MessageType::kReply || answer.id != 1) {
    throw BadFrame("expected a reply to hello", answer.id);
  }
  const auto welcome = from_json<Welcome>(answer.json);
  check_version(welcome.protocol);
  channel.set_max_payload(welcome.max_payload);
}

void refuse(Channel& channel, const BadFrame& error) noexcept {
  try {
    const ErrorFacts facts{.error = "ProtocolError", .message = error.what()};
    channel.send({MessageType::kError, error.request_id, to_json(facts)},
                 Clock::now() + std::chrono::seconds(1));
  } catch (const std::exception&) {
    // It is gone, or does not listen.
  }
}

}  // namespace xpuruntime::worker
