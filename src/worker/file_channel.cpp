// SPDX-License-Identifier: Apache-2.0
#include "file_channel.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base64.h"
#include "error.h"
#include "json.h"

namespace xpuruntime::worker {
namespace {

using Json = nlohmann::json;

std::string text_of(const Message& message) {
  std::string text = R"({"protocol": )" + std::to_string(kProtocolVersion) + R"(, "type": ")" +
                     std::string(name_of(message.type)) + R"(", "id": )" +
                     std::to_string(message.id) + R"(, "json": )" + message.json;
  if (message.payload != nullptr) {
    text += R"(, "payload": ")";
    append_base64(text, message.payload->bytes());
    text += '"';
  }
  return text + "}\n";
}

Message message_of(const std::string& text, uint64_t max_payload) {
  try {
    const Json json = parse_json(text, kMaxDepth + 1);
    if (json.at("protocol") != kProtocolVersion) {
      throw BadFrame("the file is of another version of the worker protocol: " +
                     json.at("protocol").dump());
    }
    Message message;
    const auto type = type_named(json.at("type").get_ref<const std::string&>());
    if (!type) throw BadFrame("there is no message type " + json.at("type").dump());
    message.type = *type;
    message.id = json.at("id").get<uint64_t>();
    message.json = json.at("json").dump();
    if (message.json.size() > kMaxJsonBytes)
      throw BadFrame("the file has too much JSON", message.id);
    if (const auto payload = json.find("payload"); payload != json.end()) {
      const auto& digits = payload->get_ref<const std::string&>();
      if (digits.size() / 4 * 3 > max_payload + 2) {
        throw BadFrame("the payload is longer than " + std::to_string(max_payload) + " bytes",
                       message.id);
      }
      message.payload = from_base64(digits);
    }
    return message;
  } catch (const Json::exception& error) {
    throw BadFrame(std::string("the file is no message: ") + error.what());
  }
}

}  // namespace

FileChannel::FileChannel(std::filesystem::path folder, Side side, Descriptor life)
    : folder_(std::move(folder)),
      out_(side == Side::kParent ? "request" : "reply"),
      in_(side == Side::kParent ? "reply" : "request"),
      life_(std::move(life)),
      watch_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!watch_) throw_errno("inotify_init1");
  if (inotify_add_watch(watch_.get(), folder_.c_str(), IN_MOVED_TO | IN_DELETE_SELF) < 0) {
    throw_errno("watching folder " + folder_.string());
  }
}

FileChannel::~FileChannel() { abandon(); }

void FileChannel::abandon() noexcept {
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

std::shared_ptr<Block> FileChannel::allocate(uint64_t bytes) {
  return bytes == 0 ? nullptr : heap_block(bytes);
}

std::filesystem::path FileChannel::file(const char* prefix, uint64_t number) const {
  return folder_ / (std::string(prefix) + "-" + std::to_string(number) + ".json");
}

void FileChannel::send(const Message& message, TimePoint /*until*/) {
  const std::string text = text_of(message);
  const std::lock_guard lock(sending_);
  const auto path = file(out_, ++sent_);
  const auto part = path.string() + ".part";
  std::ofstream stream(part, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  std::error_code error;
  if (stream) std::filesystem::rename(part, path, error);
  if (!stream || error) throw PeerGone("file " + path.string() + " cannot be written");
}

/// The text of the next file, if it is there.
std::optional<std::string> FileChannel::take_file() {
  const auto path = file(in_, received_ + 1);
  const Descriptor opened(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!opened) {
    if (errno == ENOENT) return std::nullopt;
    throw_errno("file " + path.string());
  }
  struct stat facts{};
  if (fstat(opened.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    throw BadFrame(path.string() + " is no file");
  }
  const auto bytes = static_cast<uint64_t>(facts.st_size);
  if (bytes / 4 > max_payload_ / 3 + kMaxJsonBytes / 4) {
    throw BadFrame(path.string() + " has " + std::to_string(bytes) + " bytes, more than are taken");
  }
  std::string text(static_cast<size_t>(bytes), '\0');
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = read(opened.get(), text.data() + done, text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw BadFrame(path.string() + " was cut while it was read");
    done += static_cast<size_t>(got);
  }
  unlink(path.c_str());
  ++received_;
  return text;
}

/// false: the time has come.
bool FileChannel::wait_for_file(TimePoint until) {
  // A timeout in whole milliseconds is rounded up.
  int timeout = -1;
  if (until != kNever) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    timeout = static_cast<int>(std::clamp<int64_t>(left.count(), 0, 1'000'000));
  }
  std::array<pollfd, 2> polled{{{watch_.get(), POLLIN, 0}, {life_.get(), POLLIN, 0}}};
  const int ready = poll(polled.data(), life_ ? 2 : 1, timeout);
  if (ready < 0 && errno != EINTR) throw_errno("poll");
  if (ready == 0) return timeout < 0 || Clock::now() < until;
  std::array<char, 4096> events;
  while (read(watch_.get(), events.data(), events.size()) > 0) {
  }
  if (life_ && polled[1].revents != 0 && !std::filesystem::exists(file(in_, received_ + 1))) {
    throw PeerGone("the other side is gone");
  }
  if (!std::filesystem::exists(folder_)) throw PeerGone("folder " + folder_.string() + " is gone");
  return true;
}

std::optional<Message> FileChannel::receive(TimePoint until) {
  while (true) {
    if (const auto text = take_file()) return message_of(*text, max_payload_);
    if (!wait_for_file(until)) return std::nullopt;
  }
}

}  // namespace xpuruntime::worker
