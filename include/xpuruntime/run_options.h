// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "xpuruntime/report.h"

namespace xpuruntime {

/// What one run may do.
struct RunOptions {
  /// Filled in when given, also when the run fails. Of run_async(): before the job is done, so it
  /// has to outlive the job; Job::report() has no such need. Not by run_batch(): each of its
  /// results has one.
  RunReport* report = nullptr;
  /// For waiting and running together, from the call on. What has not begun by then never runs; a
  /// run that goes on is asked to stop. Either ends as DeadlineExceededError. A run that ends well
  /// before the engine heeds that gives its outputs.
  std::optional<std::chrono::nanoseconds> timeout{};
  /// Asks the run to stop from outside, as Job::cancel() does: CancelledError.
  std::stop_token stop_token{};
  /// Where runs wait for a Context, for the cores, or in the queue of jobs: higher ones begin
  /// first.
  int32_t priority = 0;
  /// Of a job: its inputs are copied, and may be written as soon as the call returns. false: their
  /// memory is held until the job is done, and must not change before.
  bool copy_inputs = true;
};

}  // namespace xpuruntime
