// SPDX-License-Identifier: Apache-2.0
#include "context_pool.h"

#include <algorithm>

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

ContextPool::ContextPool(std::shared_ptr<LoadedModel> model, size_t limit, MemoryPool::State& pool)
    : model_(std::move(model)), limit_(limit), memory_(pool) {
  // One right away: what cannot run is known when the session opens.
  all_.push_back(std::make_unique<Context>(*model_, memory_));
  free_.push_back(all_.back().get());
}

Context* ContextPool::take_slowly() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (closed_) throw InvalidStateError("the session is closed");
    if (model_lost_) {
      throw InvalidStateError("the engine lost the model in an earlier run (" + model_->where() +
                              "); open the session again");
    }
    if (collect_locked()) {
      Context* context = free_.back();
      free_.pop_back();
      return context;
    }
    if (all_.size() + being_made_ < limit_) return make_one(lock);
    ++waiting_;
    watch_locked();
    if (!collect_locked()) changed_.wait(lock);
    --waiting_;
    watch_locked();
  }
}

/// Brings the Context in hot_ under the lock; is any free now?
bool ContextPool::collect_locked() noexcept {
  if (Context* context = hot_.exchange(nullptr)) free_.push_back(context);
  return !free_.empty();
}

void ContextPool::watch_locked() noexcept { watched_ = waiting_ > 0 || closed_ || model_lost_; }

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

void ContextPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  watch_locked();
  changed_.notify_all();
  changed_.wait(lock, [this] {
    collect_locked();
    return being_made_ == 0 && free_.size() == all_.size();
  });
  free_.clear();
  all_.clear();
  model_.reset();
}

bool ContextPool::is_open() const noexcept {
  const std::lock_guard lock(mutex_);
  return !closed_;
}

}  // namespace xpuruntime
