// SPDX-License-Identifier: Apache-2.0
#include "supervisor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "worker/error.h"

namespace xpuruntime::worker_engine {
namespace {

using engine::Failure;
using worker::Clock;
using worker::LoadedFacts;

constexpr std::chrono::milliseconds kSuperviseTime{20};
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};

/// The first worker that goes costs no pause.
Clock::duration pause_after(int failures) {
  if (failures <= 1) return Clock::duration::zero();
  return std::min<Clock::duration>(kFirstPause * (1 << std::min(failures - 2, 10)), kLongestPause);
}

/// What sessions were told of the model.
std::string promise_of(const LoadedFacts& facts) {
  LoadedFacts promise;
  promise.engine = facts.engine;
  promise.version = facts.version;
  promise.device = facts.device;
  promise.inputs = facts.inputs;
  promise.outputs = facts.outputs;
  return to_json(promise);
}

std::shared_ptr<const worker::Address> hold_address(const Settings& settings) {
  if (settings.address.empty()) return nullptr;
  try {
    return worker::Address::hold(settings.transport, settings.address);
  } catch (const worker::TransportFailure& error) {
    throw Failure(XPURT_UNAVAILABLE, std::string("option 'worker.address': ") + error.what());
  }
}

}  // namespace

Supervisor::Supervisor(Target target, Settings settings, worker::LoadRequest request,
                       std::vector<std::byte> bytes, std::string where,
                       const LiveWorker::OnProgress& on_progress)
    : target_(std::move(target)),
      settings_(std::move(settings)),
      address_(hold_address(settings_)),
      request_(std::move(request)),
      bytes_(std::move(bytes)),
      where_(std::move(where)) {
  worker_ = start(nullptr, on_progress, facts_);
}

std::shared_ptr<LiveWorker> Supervisor::start(const LiveWorker::Check& check,
                                              const LiveWorker::OnProgress& on_progress,
                                              LoadedFacts& facts) {
  auto started = std::make_shared<LiveWorker>(target_, settings_, address_.get(), where_);
  std::shared_ptr<worker::Block> payload;
  if (!bytes_.empty()) {
    payload = started->connection().allocate(bytes_.size());
    std::memcpy(payload->bytes().data(), bytes_.data(), bytes_.size());
  }
  const std::string reply =
      started->ask(worker::MessageType::kLoad, to_json(request_), std::move(payload),
                   settings_.load_timeout, check, on_progress);
  try {
    facts = worker::from_json<LoadedFacts>(reply);
  } catch (const std::runtime_error&) {
    started->throw_lost();
  }
  return started;
}

std::shared_ptr<LiveWorker> Supervisor::worker(const LiveWorker::Check& check) {
  std::unique_lock lock(mutex_);
  while (is_starting_ || worker_->is_lost()) {
    if (!is_starting_) {
      restart(lock, check);
    } else {
      changed_.wait_for(lock, kSuperviseTime);
      check();
    }
  }
  return worker_;
}

void Supervisor::restart(std::unique_lock<std::mutex>& lock, const LiveWorker::Check& check) {
  struct Starting {
    Supervisor& self;
    std::unique_lock<std::mutex>& lock;
    ~Starting() {
      if (!lock.owns_lock()) lock.lock();
      self.is_starting_ = false;
      self.changed_.notify_all();
    }
  } const starting{*this, lock};
  is_starting_ = true;
  not_before_ = std::max(not_before_, Clock::now() + pause_after(++failures_));
  while (Clock::now() < not_before_) {
    changed_.wait_for(lock, std::min<Clock::duration>(kSuperviseTime, not_before_ - Clock::now()));
    check();
  }
  lock.unlock();
  const std::string name = target_.engine + " worker";
  engine::log(XPURT_LOG_WARNING, name.c_str(), "it is gone, and another is started");
  LoadedFacts facts;
  auto started = start(check, nullptr, facts);
  if (promise_of(facts) != promise_of(facts_)) {
    throw Failure(XPURT_MODEL_MISMATCH,
                  "the worker was started again, and the model or its engine is another than "
                  "when the session was opened; open it again",
                  0, XPURT_MODEL_LOST);
  }
  lock.lock();
  worker_ = std::move(started);
}

}  // namespace xpuruntime::worker_engine
