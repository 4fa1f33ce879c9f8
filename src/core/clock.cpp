// SPDX-License-Identifier: Apache-2.0
#include "clock.h"

namespace xpuruntime {

Clock& Clock::steady() {
  class SteadyClock final : public Clock {
   public:
    TimePoint now() const noexcept override { return std::chrono::steady_clock::now(); }
    void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                    TimePoint when) override {
      changed.wait_until(lock, when);
    }
  };
  static SteadyClock clock;
  return clock;
}

}  // namespace xpuruntime
