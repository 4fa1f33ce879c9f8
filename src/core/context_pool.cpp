// SPDX-License-Identifier: Apache-2.0
#include "context_pool.h"

#include <algorithm>

#include "callback_scope.h"
#include "run_control.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

Context::Context(const LoadedModel& model, MemoryPool::State& pool)
    : engine_(model.engine()), frame_(model.info(), model.engine().input_alignment(), pool) {
  xpurt_error error;
  const xpurt_status status = engine_.table().context_create(model.handle(), &context_, &error);
  if (status != XPURT_OK) throw_failure(error, status, model.where());
  const xpurt_device_table& device = engine_.device_table();
  // Streams of another type of device would not be this model's: it runs without one.
  if ((engine_.traits() & XPURT_TRAIT_STREAM_ORDERED) == 0 || device.stream_create == nullptr ||
      device.device_type != static_cast<int32_t>(model.device().type)) {
    return;
  }
  const xpurt_status made =
      device.stream_create(device.self, model.device().index, &stream_, &error);
  if (made != XPURT_OK) {
    engine_.table().context_release(context_);
    throw_failure(error, made, model.where());
  }
}

Context::~Context() {
  engine_.table().context_release(context_);
  if (stream_ != nullptr) engine_.device_table().stream_release(stream_);
}

void Context::interrupt(std::thread::id thread) const noexcept {
  const uint64_t run = run_.load(std::memory_order_acquire);
  if (thread_.load(std::memory_order_relaxed) != thread) return;
  engine_.table().context_cancel(context_, run);
}

void Context::set_last_time(std::chrono::nanoseconds time, bool always) noexcept {
  constexpr uint64_t kAllTimed = 64;
  constexpr uint64_t kOneIn = 32;
  constexpr std::chrono::microseconds kLong{100};
  is_long_ = time >= kLong;
  next_timed_ = runs() + (always || is_long_ || runs() < kAllTimed ? 1 : kOneIn);
}

ContextPool::ContextPool(std::shared_ptr<LoadedModel> model, size_t limit, MemoryPool::State& pool)
    : model_(std::move(model)), where_(model_->where()), limit_(limit), memory_(pool) {
  // One right away: what cannot run is known when the session opens.
  all_.push_back(std::make_unique<Context>(*model_, memory_));
  free_.push_back(all_.back().get());
}

namespace {

void wait_within(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                 const ContextPool::WaitLimit* limit) {
  if (limit != nullptr && limit->deadline) {
    limit->clock.wait_until(lock, changed, *limit->deadline);
  } else {
    changed.wait(lock);
  }
}

}  // namespace

/// A thread's place among those that wait for a Context. Made and gone under the pool's lock.
class ContextPool::Waiting {
 public:
  Waiting(ContextPool& pool, int32_t priority)
      : pool_(pool), place_(std::in_place, pool.waiting_, priority) {
    pool_.watch_locked();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    place_.reset();
    pool_.watch_locked();
    if (!pool_.free_.empty()) pool_.waiting_.wake_first();  // there may be one for it too
  }
  WaitingLine::Place* operator->() noexcept { return &*place_; }

 private:
  ContextPool& pool_;
  std::optional<WaitingLine::Place> place_;
};

Context* ContextPool::take_within(const WaitLimit& limit) {
  const std::stop_callback wake(limit.stop_token, [this] {
    const std::lock_guard lock(mutex_);
    waiting_.wake_all();
  });
  return take_slowly(&limit);
}

Context* ContextPool::take_slowly(const WaitLimit* limit) {
  std::unique_lock lock(mutex_);
  if (CallbackScope::is_inside(this)) {
    throw InvalidStateError("a run inside a callback of the same session could wait for itself (" +
                            where_ + "); use run_async()");
  }
  const int32_t priority = limit != nullptr ? limit->priority : 0;
  std::optional<Waiting> waiting;
  while (true) {
    check_open_locked(limit);
    if (collect_locked() && (waiting ? (*waiting)->is_first() : may_overtake_locked(priority))) {
      Context* context = free_.back();
      free_.pop_back();
      return context;
    }
    if (all_.size() + being_made_ < limit_) return make_one(lock);
    check_limit_locked(limit);
    if (!waiting) {
      waiting.emplace(*this, priority);  // and look again: what comes back now comes to those here
      continue;
    }
    if ((*waiting)->is_interrupted()) throw_stopped(StopReason::kCancelled, false, where_);
    if (!free_.empty()) waiting_.wake_first();  // it was collected here, and nobody told of it
    (*waiting)->wait(lock, [&](auto& changed) { wait_within(lock, changed, limit); });
  }
}

bool ContextPool::may_overtake_locked(int32_t priority) const noexcept {
  if (waiting_.empty()) return true;
  const WaitingLine::Place& first = waiting_.first();
  return first.priority() < priority || (first.priority() == priority && first.is_patient());
}

void ContextPool::check_open_locked(const WaitLimit* limit) const {
  if (closed_ || (refuses_runs_ && (limit == nullptr || !limit->for_job))) {
    throw InvalidStateError("the session is closed");
  }
  if (model_lost_) {
    throw InvalidStateError("the engine lost the model in an earlier run (" + where_ +
                            "); open the session again");
  }
}

void ContextPool::check_limit_locked(const WaitLimit* limit) const {
  if (limit == nullptr) return;
  if (limit->stop_token.stop_requested()) throw_stopped(StopReason::kCancelled, false, where_);
  if (limit->deadline && *limit->deadline <= limit->clock.now()) {
    throw_stopped(StopReason::kTimeout, false, where_);
  }
}

void ContextPool::interrupt(std::thread::id thread) noexcept {
  const std::lock_guard lock(mutex_);
  waiting_.interrupt(thread);
  for (const auto& context : all_) context->interrupt(thread);
}

/// Brings the Context in hot_ under the lock; is any free now?
bool ContextPool::collect_locked() noexcept {
  if (Context* context = hot_.exchange(nullptr)) free_.push_back(context);
  return !free_.empty();
}

void ContextPool::watch_locked() noexcept {
  watched_ = !waiting_.empty() || in_callbacks_ > 0 || refuses_runs_ || closed_ || model_lost_;
}

void ContextPool::guard_callbacks(bool on) noexcept {
  const std::lock_guard lock(mutex_);
  in_callbacks_ += on ? size_t{1} : size_t{0} - 1;
  watch_locked();
}

Context* ContextPool::make_one(std::unique_lock<std::mutex>& lock) {
  // Room for one more now, so that giving it back cannot fail.
  all_.reserve(all_.size() + being_made_ + 1);
  free_.reserve(all_.size() + being_made_ + 1);
  ++being_made_;
  lock.unlock();  // making a Context may take long
  std::unique_ptr<Context> made;
  try {
    made = std::make_unique<Context>(*model_, memory_);
  } catch (...) {
    lock.lock();
    --being_made_;
    waiting_.wake_first();
    came_back_.notify_all();
    throw;
  }
  lock.lock();
  --being_made_;
  all_.push_back(std::move(made));
  return all_.back().get();
}

void ContextPool::give_back(Context* context, bool lost) noexcept {
  if (!lost) {
    Context* none = nullptr;
    if (hot_.compare_exchange_strong(none, context)) {
      if (!watched_) return;
      context = hot_.exchange(nullptr);
      if (context == nullptr) return;  // somebody has it already
    }
  }
  take_in(context, lost);
}

void ContextPool::take_in(Context* context, bool lost) noexcept {
  // All of it under the lock: once close() sees the last Context back, the model is gone.
  const std::lock_guard lock(mutex_);
  if (lost) {
    runs_of_gone_ += context->runs();
    all_.erase(std::ranges::find(all_, context, &std::unique_ptr<Context>::get));
  } else {
    free_.push_back(context);
  }
  waiting_.wake_first();
  if (closed_) came_back_.notify_all();
}

void ContextPool::lose_model() {
  const std::lock_guard lock(mutex_);
  model_lost_ = true;
  watch_locked();
  waiting_.wake_all();
}

void ContextPool::refuse_runs() {
  const std::lock_guard lock(mutex_);
  refuses_runs_ = true;
  watch_locked();
  waiting_.wake_all();
}

bool ContextPool::close(const WaitLimit* limit) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  watch_locked();
  waiting_.wake_all();
  const auto all_are_back = [this] {
    collect_locked();
    return being_made_ == 0 && free_.size() == all_.size();
  };
  while (!all_are_back()) {
    if (limit != nullptr && limit->deadline && *limit->deadline <= limit->clock.now()) return false;
    wait_within(lock, came_back_, limit);
  }
  for (const auto& context : all_) runs_of_gone_ += context->runs();
  free_.clear();
  all_.clear();
  model_.reset();
  return true;
}

uint64_t ContextPool::run_count() const {
  const std::lock_guard lock(mutex_);
  uint64_t count = runs_of_gone_;
  for (const auto& context : all_) count += context->runs();
  return count;
}

bool ContextPool::is_open() const noexcept {
  const std::lock_guard lock(mutex_);
  return !closed_ && !refuses_runs_;
}

}  // namespace xpuruntime
