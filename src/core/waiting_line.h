// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

namespace xpuruntime {

/// Threads that wait for something to come back, in the order in which they get it: by priority,
/// then as they came. All of it is used under the owner's mutex.
/// What comes back wakes the first, and meanwhile the owner may let others overtake it, which keeps
/// the cores busy, until the first has waited for kPatience; one of a priority above 0 never is
/// patient. (Known from locks as eventual fairness: WebKit's WTF::Lock, Rust's parking_lot.)
class WaitingLine {
 public:
  static constexpr std::chrono::milliseconds kPatience{2};
  /// One that was overtaken looks again after that, rather than be woken for nothing by each that
  /// comes back: to wake a thread costs as much as a short run.
  static constexpr std::chrono::microseconds kNap{200};

  /// Of one thread, from its making on.
  class Place {
   public:
    Place(WaitingLine& line, int32_t priority);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    bool is_first() const noexcept { return line_.threads_.front() == this; }
    int32_t priority() const noexcept { return priority_; }
    /// Of the first, as patient_until().
    bool is_patient() const noexcept { return Steady::now() < patient_until_; }
    bool is_interrupted() const noexcept { return is_interrupted_; }

    /// After the thread looked and found nothing: naps, or calls `wait_for(changed)`, which is to
    /// wait on that once.
    template <typename WaitFor>
    void wait(std::unique_lock<std::mutex>& lock, const WaitFor& wait_for) {
      const bool was_first = is_first();
      if (was_first && is_overtaken_ && is_patient()) return nap(lock);
      wait_for(changed_);
      is_overtaken_ = was_first;
    }
    /// When it is to say that nobody may overtake it any more.
    std::chrono::steady_clock::time_point patient_until() const noexcept { return patient_until_; }

   private:
    friend class WaitingLine;
    using Steady = std::chrono::steady_clock;
    void nap(std::unique_lock<std::mutex>& lock);

    WaitingLine& line_;
    const int32_t priority_;
    const std::thread::id thread_ = std::this_thread::get_id();
    Steady::time_point patient_until_;  // once it is the first
    bool is_seen_first_ = false;
    std::condition_variable changed_;
    bool is_overtaken_ = false;
    bool is_napping_ = false;
    bool is_interrupted_ = false;
  };

  bool empty() const noexcept { return threads_.empty(); }
  size_t size() const noexcept { return threads_.size(); }
  const Place& first() const noexcept { return *threads_.front(); }
  void wake_first() noexcept;
  void wake_all() noexcept;  ///< also those that nap
  void interrupt(std::thread::id thread) noexcept;

 private:
  void see_first() noexcept;

  std::list<Place*> threads_;
};

}  // namespace xpuruntime
