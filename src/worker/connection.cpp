// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <utility>

#include "error.h"

namespace xpuruntime::worker {
namespace {

/// For frames that nobody waits for the fate of.
constexpr std::chrono::seconds kSendTime{10};

}  // namespace

Connection::Connection(std::unique_ptr<Channel> channel,
                       std::function<void(const LogLine& line)> on_log)
    : channel_(std::move(channel)), on_log_(std::move(on_log)) {}

Connection::Request::~Request() { connection_.forget(id_); }

std::optional<Message> Connection::Request::wait(TimePoint until, const OnProgress& on_progress) {
  return connection_.wait(id_, until, on_progress);
}

void Connection::Request::cancel() {
  connection_.channel_->send({MessageType::kCancel, id_}, Clock::now() + kSendTime);
}

std::unique_ptr<Connection::Request> Connection::ask(MessageType type, std::string json,
                                                     std::shared_ptr<Block> payload,
                                                     TimePoint until) {
  uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    id = ++last_id_;
    pending_.try_emplace(id);
  }
  std::unique_ptr<Request> request(new Request(*this, id, payload));
  channel_->send({type, id, std::move(json), std::move(payload)}, until);
  return request;
}

void Connection::forget(uint64_t id) {
  const std::lock_guard lock(mutex_);
  pending_.erase(id);
}

std::optional<Message> Connection::wait(uint64_t id, TimePoint until,
                                        const Request::OnProgress& on_progress) {
  std::unique_lock lock(mutex_);
  Pending& mine = pending_.at(id);
  while (true) {
    if (!mine.progress.empty()) {
      const auto progress = std::exchange(mine.progress, {});
      lock.unlock();
      for (const Progress& each : progress) {
        if (on_progress) on_progress(each);
      }
      lock.lock();
      continue;
    }
    if (mine.answer) return std::move(*mine.answer);
    if (failure_) std::rethrow_exception(failure_);
    if (until != kNever && Clock::now() >= until) return std::nullopt;
    if (!is_receiving_) {
      receive_once(lock, until);
    } else if (until == kNever) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, until);
    }
  }
}

void Connection::receive_once(std::unique_lock<std::mutex>& lock, TimePoint until) {
  is_receiving_ = true;
  lock.unlock();
  std::optional<Message> message;
  std::exception_ptr failure;
  try {
    message = channel_->receive(until);
    if (message && message->type == MessageType::kLog) {
      const auto line = from_json<LogLine>(message->json);
      if (on_log_) on_log_(line);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  is_receiving_ = false;
  try {
    if (message) take(std::move(*message));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) failure_ = failure;
  changed_.notify_all();  // one has its answer, or another has to receive
}

void Connection::take(Message message) {
  if (message.type == MessageType::kLog) return;
  const bool is_answer = message.type == MessageType::kReply || message.type == MessageType::kError;
  if (!is_answer && message.type != MessageType::kProgress) {
    throw BadFrame("a worker must not send " + std::string(name_of(message.type)), message.id);
  }
  if (is_answer && message.id == 0) {
    throw BadFrame("the worker refused a frame: " + from_json<ErrorFacts>(message.json).message);
  }
  if (message.id == 0 || message.id > last_id_) {
    throw BadFrame("an answer came to request " + std::to_string(message.id) +
                   ", which was not made");
  }
  const auto found = pending_.find(message.id);
  if (found == pending_.end()) return;  // nobody waits for it any more
  Pending& pending = found->second;
  if (pending.answer) {
    throw BadFrame("request " + std::to_string(message.id) + " was answered twice", message.id);
  }
  if (is_answer) {
    pending.answer = std::move(message);
  } else {
    pending.progress.push_back(from_json<Progress>(message.json));
  }
}

}  // namespace xpuruntime::worker
