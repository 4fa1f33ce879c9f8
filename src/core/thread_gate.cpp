// SPDX-License-Identifier: Apache-2.0
#include "thread_gate.h"

#include <algorithm>

#include "thread_budget.h"

namespace xpuruntime {
namespace {

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
    if (!gate.take_slowly(wanted, control, priority, was_interrupted_)) return;
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
  waiting_.wake_first();
}

bool ThreadGate::take_slowly(uint32_t threads, const RunControl* control, int32_t priority,
                             bool& was_interrupted) {
  std::unique_lock lock(mutex_);
  bool is_taken = false;
  {
    WaitingLine::Place self(waiting_, priority);
    // Before the threads in use are looked at again: a release after that sees it.
    state_.fetch_or(kWaiting);
    while (!self.is_interrupted() &&
           (control == nullptr || control->stopped() == StopReason::kNone)) {
      if (self.is_first() && (is_taken = take(threads, 0))) break;
      self.wait(lock, [&](auto& changed) { wait_for_room(lock, changed, self); });
    }
    was_interrupted = self.is_interrupted();
    if (self.is_first()) state_.fetch_and(~kReserved);
  }
  if (waiting_.empty()) {
    state_.fetch_and(~kWaiting);
  } else {
    waiting_.wake_first();  // there may be room for it too
  }
  return is_taken;
}

/// One wait at most, for a release that makes room.
void ThreadGate::wait_for_room(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                               const WaitingLine::Place& self) {
  if (!self.is_first()) return changed.wait(lock);
  if (self.is_patient()) {
    changed.wait_until(lock, self.patient_until());
    return;
  }
  state_.fetch_or(kReserved);
  changed.wait(lock);
}

void ThreadGate::interrupt(std::thread::id thread) noexcept {
  if ((state_.load() & kWaiting) == 0) return;
  const std::lock_guard lock(mutex_);
  waiting_.interrupt(thread);
}

void ThreadGate::wake_all() {
  if ((state_.load() & kWaiting) == 0) return;
  const std::lock_guard lock(mutex_);
  waiting_.wake_all();
}

}  // namespace xpuruntime
