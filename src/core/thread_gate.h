// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>

#include "run_control.h"
#include "waiting_line.h"

namespace xpuruntime {

/// Admits runs while their threads fit the budget: more would only take turns on the cores, and
/// threads that wait for one another inside a run lose far more than their share.
/// Those that wait are let in by priority, then in order. A run that comes meanwhile may overtake
/// them as long as the first of them is patient. Nobody ever overtakes a run of a priority above 0,
/// and a run of one below 0 overtakes nobody.
class ThreadGate {
 public:
  explicit ThreadGate(int32_t budget) noexcept : budget_(static_cast<uint32_t>(budget)) {}
  ThreadGate(const ThreadGate&) = delete;
  ThreadGate& operator=(const ThreadGate&) = delete;

  static ThreadGate& instance();  ///< of this process, over thread_budget()

  /// What one run holds of the budget. A run inside another one on the same thread (an engine that
  /// is made of sessions) goes with that one's.
  class Permit {
   public:
    /// Waits until `threads` fit, or all of the budget where they are more. Holds nothing when they
    /// are 0, and when `control` (null: none) is told to stop, or the thread is interrupted,
    /// meanwhile.
    Permit(ThreadGate& gate, int32_t threads, const RunControl* control, int32_t priority = 0);
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit();
    bool was_interrupted() const noexcept { return was_interrupted_; }

   private:
    ThreadGate* gate_ = nullptr;
    uint32_t threads_ = 0;
    bool was_interrupted_ = false;
  };

  /// Those that wait look again whether they are told to stop.
  void wake_all();
  /// Ends that thread's wait, if it waits here.
  void interrupt(std::thread::id thread) noexcept;

  size_t waiting_count() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  /// Has the first of those that wait lost its patience?
  bool is_reserved() const noexcept { return (state_.load() & kReserved) != 0; }

 private:
  // The threads in use, and two flags above them.
  static constexpr uint64_t kWaiting = uint64_t{1} << 32;   // somebody is to be told of a release
  static constexpr uint64_t kReserved = uint64_t{1} << 33;  // nobody may overtake the first
  static constexpr uint64_t kInUse = kWaiting - 1;

  /// Unless they do not fit or `stop_at` forbids it.
  bool take(uint32_t threads, uint64_t stop_at) noexcept;
  bool take_slowly(uint32_t threads, const RunControl* control, int32_t priority,
                   bool& was_interrupted);
  void wait_for_room(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                     const WaitingLine::Place& self);
  void give_back(uint32_t threads) noexcept;

  const uint32_t budget_;
  std::atomic<uint64_t> state_{0};
  mutable std::mutex mutex_;
  WaitingLine waiting_;
};

}  // namespace xpuruntime
