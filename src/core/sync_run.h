// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "run_extras.h"
#include "session_state.h"
#include "xpuruntime/run_options.h"

namespace xpuruntime {

/// A synchronous run whose options ask for something.
class SyncRun {
 public:
  SyncRun(SessionState& state, const RunOptions& options);
  SyncRun(const SyncRun&) = delete;
  SyncRun& operator=(const SyncRun&) = delete;
  ~SyncRun();

  /// Waits for a Context no longer than the options allow.
  ContextPool::Lease lease();
  const RunExtras& extras() const noexcept { return extras_; }

  static bool is_asked_for(const RunOptions& options) noexcept {
    return options.report != nullptr || options.timeout.has_value() ||
           options.stop_token.stop_possible() || options.priority != 0;
  }

 private:
  SessionState& state_;
  RunExtras extras_;
  std::stop_token stop_token_;
  std::shared_ptr<RunControl> control_;  // null: nobody can stop it
  Timer::Id alarm_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> stop_callback_;
};

}  // namespace xpuruntime
