// SPDX-License-Identifier: Apache-2.0
#include "sync_run.h"

namespace xpuruntime {

SyncRun::SyncRun(SessionState& state, const RunOptions& options)
    : state_(state), stop_token_(options.stop_token) {
  if (options.report != nullptr) {
    *options.report = state.new_report();
    extras_.report = options.report;
  }
  extras_.priority = options.priority;
  if (!options.timeout && !options.stop_token.stop_possible()) return;
  control_ = std::make_shared<RunControl>(1, state.timer);
  extras_.control = control_.get();
  if (options.timeout) {
    extras_.deadline = after(state.timer.clock().now(), *options.timeout);
    alarm_ = state.timer.at(*extras_.deadline,
                            [control = control_] { control->stop(StopReason::kTimeout); });
  }
  if (options.stop_token.stop_possible()) {
    stop_callback_.emplace(options.stop_token,
                           [control = control_] { control->stop(StopReason::kCancelled); });
  }
}

SyncRun::~SyncRun() { state_.timer.cancel(alarm_); }

ContextPool::Lease SyncRun::lease() {
  struct Waited {
    RunReport* report;
    TimePoint begin;
    ~Waited() {
      if (report != nullptr) report->queue_time = std::chrono::steady_clock::now() - begin;
    }
  } const waited{extras_.report, std::chrono::steady_clock::now()};
  if (control_ == nullptr && extras_.priority == 0) return state_.lease();
  return state_.lease({.clock = state_.timer.clock(),
                       .deadline = extras_.deadline,
                       .stop_token = stop_token_,
                       .priority = extras_.priority});
}

}  // namespace xpuruntime
