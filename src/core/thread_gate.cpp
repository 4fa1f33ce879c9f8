// SPDX-License-Identifier: Apache-2.0
#include "thread_gate.h"

#include <algorithm>

#include "thread_budget.h"

namespace xpuruntime {
namespace {

using Steady = std::chrono::steady_clock;

thread_local bool holds_permit = false;

}  // namespace

ThreadGate& ThreadGate::instance() {
  // Never destroyed: sessions may outlive static objects.
  static auto* const gate = new ThreadGate(thread_budget());
  return *gate;
}

ThreadGate::Permit::Permit(ThreadGate& gate, int32_t threads, const RunControl* control,
                           int32_t priority) {
  if (holds_permit || threads <= 0) return;
  const uint32_t wanted = std::min(static_cast<uint32_t>(threads), gate.budget_);
  if (!gate.take(wanted, priority < 0 ? kReserved | kWaiting : kReserved)) {
    Waiter self{priority};
    if (!gate.take_slowly(self, wanted, control)) {
      was_interrupted_ = self.is_interrupted;
      return;
    }
  }
  gate_ = &gate;
  threads_ = wanted;
  holds_permit = true;
}

ThreadGate::Permit::~Permit() {
  if (gate_ == nullptr) return;
  holds_permit = false;
  gate_->give_back(threads_);
}

bool ThreadGate::take(uint32_t threads, uint64_t stop_at) noexcept {
  uint64_t state = state_.load(std::memory_order_relaxed);
  while ((state & stop_at) == 0 && (state & kInUse) + threads <= budget_) {
    if (state_.compare_exchange_weak(state, state + threads, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void ThreadGate::give_back(uint32_t threads) noexcept {
  const uint64_t before = state_.fetch_sub(threads, std::memory_order_release);
  if ((before & kWaiting) == 0) return;
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty()) waiting_.front()->changed.notify_one();
}

bool ThreadGate::take_slowly(Waiter& self, uint32_t threads, const RunControl* control) {
  const auto since = Steady::now();
  std::unique_lock lock(mutex_);
  const auto place = waiting_.insert(
      std::ranges::find_if(waiting_,
                           [&](const Waiter* other) { return other->priority < self.priority; }),
      &self);
  // Before the threads in use are looked at again: a release after that sees it.
  state_.fetch_or(kWaiting);
  bool taken = false;
  while (!self.is_interrupted && (control == nullptr || control->stopped() == StopReason::kNone)) {
    const bool is_first = waiting_.front() == &self;
    if (is_first && (taken = take(threads, 0))) break;
    if (is_first) {
      wait_as_first(lock, self, since);
    } else {
      self.changed.wait(lock);
    }
  }
  if (waiting_.front() == &self) state_.fetch_and(~kReserved);
  waiting_.erase(place);
  if (waiting_.empty()) {
    state_.fetch_and(~kWaiting);
  } else {
    waiting_.front()->changed.notify_one();  // there may be room for it too
  }
  return taken;
}

/// One wait at most, for a release that makes room.
void ThreadGate::wait_as_first(std::unique_lock<std::mutex>& lock, Waiter& self,
                               std::chrono::steady_clock::time_point since) {
  if (self.priority <= 0 && Steady::now() - since < kPatience) {
    self.changed.wait_until(lock, since + kPatience);
    return;
  }
  state_.fetch_or(kReserved);
  self.changed.wait(lock);
}

void ThreadGate::interrupt(std::thread::id thread) noexcept {
  if ((state_.load() & kWaiting) == 0) return;
  const std::lock_guard lock(mutex_);
  for (Waiter* waiter : waiting_) {
    if (waiter->thread != thread) continue;
    waiter->is_interrupted = true;
    waiter->changed.notify_one();
  }
}

void ThreadGate::wake_all() {
  if ((state_.load() & kWaiting) == 0) return;
  const std::lock_guard lock(mutex_);
  for (Waiter* waiter : waiting_) waiter->changed.notify_one();
}

}  // namespace xpuruntime
