// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace xpuruntime {

/// Time that passes when the test says so. Outlives what waits with it.
class ManualClock final : public Clock {
 public:
  TimePoint now() const noexcept override { return now_; }

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                  TimePoint when) override {
    const std::pair waiter(lock.mutex(), &changed);
    {
      const std::lock_guard own(mutex_);
      waiters_.push_back(waiter);
    }
    // advance() notifies under the waiter's mutex, so it comes before this look or after the wait.
    if (now() < when) changed.wait(lock);
    const std::lock_guard own(mutex_);
    waiters_.erase(std::ranges::find(waiters_, waiter));
  }

  void advance(std::chrono::nanoseconds time) {
    now_ = now_.load() + time;
    // Their mutexes are taken without ours: a waiter takes the two the other way round.
    for (const auto& [mutex, changed] : waiters()) {
      const std::lock_guard lock(*mutex);
      changed->notify_all();
    }
  }

 private:
  using Waiter = std::pair<std::mutex*, std::condition_variable*>;

  std::vector<Waiter> waiters() {
    const std::lock_guard own(mutex_);
    return waiters_;
  }

  std::atomic<TimePoint> now_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  std::vector<Waiter> waiters_;
};

}  // namespace xpuruntime
