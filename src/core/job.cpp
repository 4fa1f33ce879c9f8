// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/job.h"

#include <string>

#include "callback_scope.h"
#include "job_state.h"
#include "scheduler.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

NamedTensors take(const JobPtr& job) {
  job->set_taken();
  if (const auto scheduler = job->scheduler.lock()) scheduler->forget(job->id);
  return job->outputs();
}

bool wait_until(const JobState& job, std::optional<TimePoint> when) {
  if (CallbackScope::is_inside(job.session)) {
    throw InvalidStateError(
        "wait() inside a callback of the same session would wait for itself: use outputs() of the "
        "job that the callback is given");
  }
  return job.wait_until(when);
}

}  // namespace

uint64_t Job::id() const noexcept { return state_->id; }
bool Job::done() const noexcept { return state_->is_done(); }

bool Job::done(std::chrono::nanoseconds timeout) const {
  return wait_until(*state_, after(std::chrono::steady_clock::now(), timeout));
}

NamedTensors Job::outputs() const { return state_->is_done() ? take(state_) : state_->outputs(); }

NamedTensors Job::wait() const {
  wait_until(*state_, std::nullopt);
  return take(state_);
}

NamedTensors Job::wait(std::chrono::nanoseconds timeout) const {
  if (!done(timeout)) {
    throw DeadlineExceededError("job " + std::to_string(id()) +
                                " is not done yet, and the timeout of wait() passed");
  }
  return take(state_);
}

bool Job::cancel() const {
  const auto scheduler = state_->scheduler.lock();
  if (scheduler != nullptr) return scheduler->stop(state_, StopReason::kCancelled);
  return state_->was_cancelled();
}

void Job::when_done(std::function<void()> call) const { state_->when_done(std::move(call)); }

RunReport Job::report() const {
  if (!state_->is_done()) {
    throw InvalidStateError("job " + std::to_string(id()) + " is not done: wait() for it");
  }
  return state_->report;
}

}  // namespace xpuruntime
