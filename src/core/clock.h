// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace xpuruntime {

using TimePoint = std::chrono::steady_clock::time_point;

/// What time it is for deadlines, and how to wait for it. Tests bring their own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const noexcept = 0;
  /// Waits for a notification or until `when`, and may come back before either.
  virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                          TimePoint when) = 0;

  static Clock& steady();  ///< std::chrono::steady_clock
};

/// `now` and `timeout` later; no later than there is a time.
inline TimePoint after(TimePoint now, std::chrono::nanoseconds timeout) {
  return timeout > TimePoint::max() - now ? TimePoint::max() : now + timeout;
}

}  // namespace xpuruntime
