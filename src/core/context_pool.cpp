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

Context* ContextPool::take_within(const WaitLimit& limit) {
  const std::stop_callback wake(limit.stop_token, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  return take_slowly(&limit);
}

Context* ContextPool::take_slowly(const WaitLimit* limit) {
  std::unique_lock lock(mutex_);
  if (CallbackScope::is_inside(this)) {
    throw InvalidStateError("a run inside a callback of the same session could wait for itself (" +
                            where_ + "); use run_async()");
  }
  while (true) {
    if (closed_ || (refuses_runs_ && (limit == nullptr || !limit->for_job))) {
      throw InvalidStateError("the session is closed");
    }
    if (model_lost_) {
      throw InvalidStateError("the engine lost the model in an earlier run (" + where_ +
                              "); open the session again");
    }
    if (collect_locked()) {
      Context* context = free_.back();
      free_.pop_back();
      return context;
    }
    if (all_.size() + being_made_ < limit_) return make_one(lock);
    if (limit != nullptr && limit->stop_token.stop_requested()) {
      throw_stopped(StopReason::kCancelled, false, where_);
    }
    if (limit != nullptr && limit->deadline && *limit->deadline <= limit->clock.now()) {
      throw_stopped(StopReason::kTimeout, false, where_);
    }
    ++waiting_;
    watch_locked();
    if (!collect_locked()) wait_locked(lock, limit);
    --waiting_;
    watch_locked();
  }
}

void ContextPool::wait_locked(std::unique_lock<std::mutex>& lock, const WaitLimit* limit) {
  if (limit != nullptr && limit->deadline) {
    limit->clock.wait_until(lock, changed_, *limit->deadline);
  } else {
    changed_.wait(lock);
  }
}

/// Brings the Context in hot_ under the lock; is any free now?
bool ContextPool::collect_locked() noexcept {
  if (Context* context = hot_.exchange(nullptr)) free_.push_back(context);
  return !free_.empty();
}

void ContextPool::watch_locked() noexcept {
  watched_ = waiting_ > 0 || in_callbacks_ > 0 || refuses_runs_ || closed_ || model_lost_;
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
    changed_.notify_all();
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
  if (closed_) {
    changed_.notify_all();
  } else {
    changed_.notify_one();
  }
}

void ContextPool::lose_model() {
  const std::lock_guard lock(mutex_);
  model_lost_ = true;
  watch_locked();
  changed_.notify_all();
}

void ContextPool::refuse_runs() {
  const std::lock_guard lock(mutex_);
  refuses_runs_ = true;
  watch_locked();
  changed_.notify_all();
}

bool ContextPool::close(const WaitLimit* limit) {
  std::unique_lock lock(mutex_);
  closed_ = true;
  watch_locked();
  changed_.notify_all();
  const auto all_are_back = [this] {
    collect_locked();
    return being_made_ == 0 && free_.size() == all_.size();
  };
  while (!all_are_back()) {
    if (limit != nullptr && limit->deadline && *limit->deadline <= limit->clock.now()) return false;
    wait_locked(lock, limit);
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
