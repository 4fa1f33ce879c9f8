// SPDX-License-Identifier: Apache-2.0
#include "live_worker.h"

#include <csignal>

#include "worker/error.h"
#include "worker/error_names.h"

namespace xpuruntime::worker_engine {
namespace {

using engine::Failure;
using worker::Clock;
using worker::Message;
using worker::MessageType;
using worker::TimePoint;

constexpr std::chrono::milliseconds kCheckTime{50};
constexpr std::chrono::seconds kGoodbyeTime{5};

/// A worker's own log says the level in its lines: "2026-01-31T12:00:00.000 warning [xpuruntime] ".
int32_t level_of(std::string& line) {
  constexpr std::string_view kMark = " [xpuruntime] ";
  const size_t mark = line.find(kMark);
  const size_t space = line.find(' ');
  if (mark == line.npos || space >= mark) return XPURT_LOG_INFO;
  const std::string level = line.substr(space + 1, mark - space - 1);
  const auto take = [&](int32_t number) {
    line.erase(0, mark + kMark.size());
    return number;
  };
  if (level == "debug" || level == "trace") return take(XPURT_LOG_DEBUG);
  if (level == "info") return take(XPURT_LOG_INFO);
  if (level == "warning") return take(XPURT_LOG_WARNING);
  if (level == "error" || level == "critical") return take(XPURT_LOG_ERROR);
  return XPURT_LOG_INFO;
}

int32_t level_named(const std::string& level) {
  if (level == "debug") return XPURT_LOG_DEBUG;
  if (level == "warning") return XPURT_LOG_WARNING;
  return level == "error" ? XPURT_LOG_ERROR : XPURT_LOG_INFO;
}

worker::ProcessSpec spec_of(const Target& target, const Settings& settings,
                            const worker::ParentEnd& end, const std::string& name) {
  worker::ProcessSpec spec;
  spec.command = target.command();
  for (std::string& argument : end.arguments()) spec.command.push_back(std::move(argument));
  if (!end.token().empty()) spec.environment.emplace_back(worker::kTokenVariable, end.token());
  spec.inherited = end.inherited();
  spec.memory_limit = settings.memory_limit;
  spec.cpus = settings.cpus;
  // It has a folder to remove; what hangs is killed as its parent's end is seen by a thread.
  if (settings.transport == worker::Transport::kJsonFile) spec.death_signal = SIGTERM;
  spec.on_line = [name](const std::string& text) {
    std::string line = text;
    const int32_t level = level_of(line);
    engine::log(level, name.c_str(), line);
  };
  return spec;
}

}  // namespace

void LiveWorker::throw_error(const Message& message) const {
  auto facts = worker::from_json<worker::ErrorFacts>(message.json);
  if (facts.message.ends_with(where_)) facts.message.resize(facts.message.size() - where_.size());
  Failure failure(worker::error_code_of(facts.error), facts.message, facts.native_code,
                  facts.retryable ? XPURT_RETRYABLE : 0);
  failure.asked = facts.asked;
  failure.available = facts.available;
  throw failure;
}

LiveWorker::LiveWorker(const Target& target, const Settings& settings,
                       const worker::Address* address, std::string where)
    : name_(target.engine + " worker"), where_(std::move(where)) {
  const TimePoint until = Clock::now() + settings.start_timeout;
  try {
    const auto end = worker::ParentEnd::make(settings.transport, address);
    process_ = worker::Process::start(spec_of(target, settings, *end, name_));
    worker::Hello hello;
    auto channel = end->connect(until, [&] { return process_->lives(); }, hello);
    connection_ = std::make_unique<worker::Connection>(
        std::move(channel), [name = name_](const worker::LogLine& line) {
          engine::log(level_named(line.level), name.c_str(), line.text);
        });
  } catch (const Failure&) {
    throw;
  } catch (const worker::NotInstalled& error) {
    throw Failure(XPURT_ENGINE_NOT_INSTALLED, error.what());
  } catch (const std::runtime_error& error) {
    if (process_ == nullptr) throw Failure(XPURT_UNAVAILABLE, error.what());
    if (dynamic_cast<const worker::TimedOut*>(&error) != nullptr) {
      kill("it did not say hello within worker.start_timeout and was killed");
    }
    throw_lost();
  }
}

LiveWorker::~LiveWorker() {
  if (connection_ == nullptr || is_lost()) return;
  try {
    const TimePoint until = Clock::now() + kGoodbyeTime;
    connection_->ask(MessageType::kShutdown, "{}", nullptr, until)->wait(until);
    process_->wait(until);
  } catch (const std::runtime_error&) {
    // It is killed with process_.
  }
}

bool LiveWorker::is_lost() const {
  const std::lock_guard lock(mutex_);
  return is_lost_ || !process_->lives();
}

void LiveWorker::kill(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    is_lost_ = true;
    if (why_killed_.empty()) why_killed_ = why;
  }
  process_->kill();
}

void LiveWorker::throw_lost() {
  std::string what;
  bool is_protocol = false;
  try {
    throw;
  } catch (const worker::BadFrame& error) {
    what = error.what();
    is_protocol = true;
  } catch (const std::exception& error) {
    what = error.what();
  }
  {
    const std::lock_guard lock(mutex_);
    is_lost_ = true;
  }
  // One that closed the connection is about to end by itself, and says more by that.
  const bool ends = !is_protocol && process_->wait(Clock::now() + std::chrono::seconds(2));
  if (!ends) {
    process_->kill();
    process_->wait(Clock::now() + kGoodbyeTime);
  }
  const std::lock_guard lock(mutex_);
  std::string text = "the worker process " + std::to_string(process_->pid());
  if (!why_killed_.empty()) {
    text += ": " + why_killed_;
  } else if (ends) {
    text += " " + process_->ending();
  } else {
    text += " was killed: " + what;
  }
  if (const std::string lines = process_->last_lines(); !lines.empty()) {
    text += "; its last lines:\n" + lines + "\n";
  }
  throw Failure(is_protocol ? XPURT_PROTOCOL : XPURT_ENGINE, text, 0, XPURT_RETRYABLE);
}

std::string LiveWorker::ask(MessageType type, const std::string& json,
                            std::shared_ptr<worker::Block> payload,
                            std::chrono::nanoseconds timeout, const Check& check,
                            const OnProgress& on_progress) {
  const TimePoint until = Clock::now() + timeout;
  try {
    const auto request = connection_->ask(type, json, std::move(payload), until);
    while (true) {
      const auto answer = request->wait(std::min(until, Clock::now() + kCheckTime), on_progress);
      if (answer && answer->type == MessageType::kError) throw_error(*answer);
      if (answer) return answer->json;
      if (check) check();
      if (Clock::now() < until) continue;
      kill("it did not answer " + std::string(name_of(type)) + " in time and was killed");
      throw worker::TimedOut("no answer");
    }
  } catch (const Failure&) {
    throw;
  } catch (const std::runtime_error&) {
    throw_lost();
  }
}

}  // namespace xpuruntime::worker_engine
