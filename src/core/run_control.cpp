// SPDX-License-Identifier: Apache-2.0
#include "run_control.h"

#include <algorithm>

#include "log.h"
#include "thread_gate.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

void throw_stopped(StopReason reason, bool had_begun, const std::string& where) {
  const std::string when = had_begun ? "ended" : "began";
  if (reason == StopReason::kTimeout) {
    throw DeadlineExceededError("the timeout passed before the run " + when + " (" + where + ")");
  }
  throw CancelledError("the run was cancelled before it " + when + " (" + where + ")");
}

void RunControl::stop(StopReason reason) {
  {
    const std::lock_guard lock(mutex_);
    if (left_ == 0 || --left_ > 0) return;
    reason_ = reason;
    if (engine_ != nullptr) cancel_locked();
  }
  ThreadGate::instance().wake_all();  // it may wait there
}

StopReason RunControl::stopped() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

bool RunControl::begin(const LoadedEngine& engine, xpurt_context* context, uint64_t run_id) {
  const std::lock_guard lock(mutex_);
  if (reason_ != StopReason::kNone) return false;
  engine_ = &engine;
  context_ = context;
  run_id_ = run_id;
  return true;
}

void RunControl::end() {
  const std::lock_guard lock(mutex_);
  engine_ = nullptr;
  timer_.cancel(again_);
}

/// An engine passes over a cancel that comes before it has taken note of the run, so the cancel is
/// said again until the run is over.
void RunControl::cancel_locked() {
  engine_->table().context_cancel(context_, run_id_);
  try {
    again_ = timer_.at(after(timer_.clock().now(), pause_), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      const std::lock_guard lock(self->mutex_);
      if (self->engine_ != nullptr) self->cancel_locked();
    });
  } catch (const UnavailableError& error) {
    log(LogLevel::kWarning, std::string("a cancel is said only once: ") + error.what());
  }
  pause_ = std::min(pause_ * 2, std::chrono::milliseconds(64));
}

}  // namespace xpuruntime
