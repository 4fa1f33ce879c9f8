// SPDX-License-Identifier: Apache-2.0
/// For engines whose runtime cancels a run by a flag or a call of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace xpuruntime::engine {

/// Lets a cancel through to the run that it means and to no other. One thread at a time begins and
/// ends runs; any thread cancels. A run that nobody cancels pays one store and one exchange.
class RunGate {
 public:
  void begin(uint64_t run_id) noexcept {
    id_ = run_id;
    state_.store(run_id, std::memory_order_release);
  }

  /// Ends the run; true if it was cancelled. No `stop` of a cancel goes on after this.
  bool end() noexcept {
    uint64_t expected = id_;
    if (state_.compare_exchange_strong(expected, kIdle, std::memory_order_acq_rel)) return false;
    const uint64_t cancelled = id_ | kCancelled;
    expected = cancelled;
    while (!state_.compare_exchange_weak(expected, kIdle, std::memory_order_acq_rel)) {
      expected = cancelled;
      std::this_thread::yield();
    }
    return true;
  }

  /// Calls `stop` if the run with that id is going on. The host says a cancel again until the run
  /// has ended, so `stop` is called again too, for runtimes that pass over one that comes early.
  template <typename Stop>
  void cancel(uint64_t run_id, Stop&& stop) noexcept {
    if (run_id >= kCancelling) return;
    uint64_t expected = run_id;
    if (!state_.compare_exchange_strong(expected, run_id | kCancelling,
                                        std::memory_order_acq_rel)) {
      expected = run_id | kCancelled;
      if (!state_.compare_exchange_strong(expected, run_id | kCancelling,
                                          std::memory_order_acq_rel)) {
        return;
      }
    }
    stop();
    state_.store(run_id | kCancelled, std::memory_order_release);
  }

 private:
  // A state is the id of the run that goes on, with one of two bits that no id has.
  static constexpr uint64_t kCancelling = uint64_t{1} << 62;
  static constexpr uint64_t kCancelled = uint64_t{1} << 63;
  static constexpr uint64_t kIdle = UINT64_MAX;

  std::atomic<uint64_t> state_{kIdle};
  uint64_t id_ = kIdle;
};

}  // namespace xpuruntime::engine
