// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "loaded_engine.h"
#include "timer.h"

namespace xpuruntime {

enum class StopReason : uint8_t { kNone, kCancelled, kTimeout };

/// Throws CancelledError or DeadlineExceededError.
[[noreturn]] void throw_stopped(StopReason reason, bool had_begun, const std::string& where);

/// Stops a run of an engine from other threads, once all who share the run want that.
class RunControl : public std::enable_shared_from_this<RunControl> {
 public:
  RunControl(size_t sharers, Timer& timer) : timer_(timer), left_(sharers) {}

  /// One of the sharers wants no more of it. Any thread.
  void stop(StopReason reason);
  /// Why it is to stop; kNone as long as one of the sharers wants it to go on.
  StopReason stopped() const;

  /// For the thread that runs: the run can be cancelled from now on. false: it is not to begin.
  bool begin(const LoadedEngine& engine, xpurt_context* context, uint64_t run_id);
  /// The run is over: its Context is not touched after that.
  void end();

 private:
  void cancel_locked();

  Timer& timer_;
  mutable std::mutex mutex_;
  size_t left_;
  StopReason reason_ = StopReason::kNone;
  const LoadedEngine* engine_ = nullptr;  // null: no run goes on
  xpurt_context* context_ = nullptr;
  uint64_t run_id_ = 0;
  Timer::Id again_ = 0;
  std::chrono::milliseconds pause_{1};
};

}  // namespace xpuruntime
