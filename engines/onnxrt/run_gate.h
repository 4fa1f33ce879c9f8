// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace xpuruntime::onnxrt {

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
    while (state_.load(std::memory_order_acquire) != kCancelled) std::this_thread::yield();
    state_.store(kIdle, std::memory_order_relaxed);
    return true;
  }

  /// Calls `stop` if the run with that id is going on and was not cancelled before.
  template <typename Stop>
  void cancel(uint64_t run_id, Stop&& stop) noexcept {
    if (run_id >= kCancelled) return;
    uint64_t expected = run_id;
    if (!state_.compare_exchange_strong(expected, kCancelling, std::memory_order_acq_rel)) return;
    stop();
    state_.store(kCancelled, std::memory_order_release);
  }

 private:
  // The states are ids that no run has.
  static constexpr uint64_t kIdle = UINT64_MAX;
  static constexpr uint64_t kCancelling = UINT64_MAX - 1;
  static constexpr uint64_t kCancelled = UINT64_MAX - 2;

  std::atomic<uint64_t> state_{kIdle};
  uint64_t id_ = kIdle;
};

}  // namespace xpuruntime::onnxrt
