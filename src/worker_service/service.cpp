// SPDX-License-Identifier: Apache-2.0
#include "service.h"

#include <unistd.h>

#include <utility>

#include "answer.h"
#include "worker/error.h"
#include "xpuruntime/error.h"

namespace xpuruntime::worker_service {

using worker::Message;
using worker::MessageType;

namespace {

/// A parent that takes no answer for that long hangs.
worker::TimePoint send_limit() { return worker::Clock::now() + std::chrono::seconds(60); }

bool can_be_cancelled(MessageType type) {
  return type == MessageType::kRun || type == MessageType::kLoad || type == MessageType::kConvert;
}

}  // namespace

Service::Service(worker::Channel& channel) : channel_(channel) {}

void Service::serve() {
  begin_threads(2);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return has_ended_; });
  if (failure_) std::rethrow_exception(failure_);
  changed_.wait(lock, [&] { return running_.empty(); });
  lock.unlock();
  for (std::thread& thread : threads_) thread.join();
  channel_.send({MessageType::kReply, shutdown_id_}, send_limit());
}

void Service::begin_threads(size_t count) {
  const std::lock_guard lock(mutex_);
  while (threads_.size() < count) threads_.emplace_back([this] { work(); });
}

void Service::end(std::exception_ptr failure) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(has_ended_, true)) failure_ = std::move(failure);
  changed_.notify_all();
}

void Service::work() {
  try {
    std::stop_token stop;
    while (const auto request = receive(stop)) answer(*request, stop);
  } catch (...) {
    end(std::current_exception());
  }
}

/// The next request that is to be answered, noted as running before anybody can receive what
/// cancels it; nothing when there are to be no more.
std::optional<Message> Service::receive(std::stop_token& stop) {
  const std::lock_guard receiving(receiving_);
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (has_ended_) return std::nullopt;
    }
    auto message = channel_.receive(worker::kNever);
    const std::unique_lock lock(mutex_);
    if (message->type == MessageType::kCancel) {
      if (const auto found = running_.find(message->id); found != running_.end()) {
        std::stop_source source = found->second;
        source.request_stop();
      }
      continue;
    }
    const auto number = static_cast<uint16_t>(message->type);
    if (number >= 64 || message->id == 0) {
      throw worker::BadFrame("a parent must not send that", message->id);
    }
    if (message->type == MessageType::kShutdown) {
      has_ended_ = true;
      shutdown_id_ = message->id;
      changed_.notify_all();
      return std::nullopt;
    }
    std::stop_source source;
    stop = source.get_token();
    if (can_be_cancelled(message->type)) running_.emplace(message->id, std::move(source));
    return message;
  }
}

void Service::answer(const Message& request, const std::stop_token& stop) {
  Message reply;
  try {
    reply = reply_to(request, stop);
  } catch (...) {
    reply = {MessageType::kError, request.id, to_json(error_in_flight())};
  }
  {
    const std::lock_guard lock(mutex_);
    running_.erase(request.id);
  }
  channel_.send(reply, send_limit());
  changed_.notify_all();
}

Message Service::reply_to(const Message& request, const std::stop_token& stop) {
  Message reply{MessageType::kReply, request.id};
  switch (request.type) {
    case MessageType::kRun:
      return run(request, stop);
    case MessageType::kLoad:
      load(request, stop, reply);
      return reply;
    case MessageType::kInfo:
      reply.json = to_json(describe_engine(worker::text_member(request.json, "engine")));
      return reply;
    case MessageType::kStats:
      reply.json = stats();
      return reply;
    case MessageType::kCheckDevice:
      reply.json = to_json(check_device(worker::from_json<worker::DeviceQuestion>(request.json)));
      return reply;
    case MessageType::kHealth:
      reply.json = worker::text_object("state", session() != nullptr ? "ready" : "empty");
      return reply;
    default:
      break;
  }
  throw UnsupportedOperationError("this worker does not do request " +
                                  std::to_string(static_cast<uint16_t>(request.type)) + " " +
                                  std::string(name_of(request.type)));
}

void Service::load(const Message& request, const std::stop_token& stop, Message& reply) {
  if (is_loading_.exchange(true)) {
    throw InvalidStateError("this worker has a model, or is loading it: one worker loads one");
  }
  try {
    const auto wanted = worker::from_json<worker::LoadRequest>(request.json);
    auto loaded = std::make_shared<const LoadedSession>(
        wanted, request, [&](const char* phase, uint64_t done, uint64_t total) {
          channel_.send(
              {MessageType::kProgress, request.id, to_json(worker::Progress{phase, done, total})},
              send_limit());
          return !stop.stop_requested();
        });
    const worker::LoadedFacts facts = loaded->facts();
    reply.json = to_json(facts);
    {
      const std::lock_guard lock(mutex_);
      session_ = std::move(loaded);
    }
    begin_threads(facts.parallelism + 1);
  } catch (...) {
    is_loading_ = false;
    throw;
  }
}

std::shared_ptr<const LoadedSession> Service::session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

Message Service::run(const Message& request, const std::stop_token& stop) {
  const auto loaded = session();
  if (loaded == nullptr) throw InvalidStateError("a run before a model was loaded");
  RunReport report;
  try {
    Message reply = loaded->run(request, channel_, stop, report);
    const double time = std::chrono::duration<double>(report.run_time).count();
    const std::lock_guard lock(mutex_);
    ++runs_;
    last_run_time_ = time;
    total_run_time_ += time;
    return reply;
  } catch (...) {
    const std::lock_guard lock(mutex_);
    ++failed_;
    throw;
  }
}

std::string Service::stats() const {
  worker::WorkerStats stats;
  stats.pid = getpid();
  stats.uptime = std::chrono::duration<double>(worker::Clock::now() - begun_).count();
  add_memory(stats);
  const std::lock_guard lock(mutex_);
  stats.runs = runs_;
  stats.failed = failed_;
  stats.last_run_time = last_run_time_;
  if (runs_ > 0) stats.average_run_time = total_run_time_ / static_cast<double>(runs_);
  if (session_ != nullptr) {
    const auto facts = session_->facts();
    stats.engine = facts.engine;
    stats.device = facts.device;
  }
  return to_json(stats);
}

}  // namespace xpuruntime::worker_service
