// SPDX-License-Identifier: Apache-2.0
#include "job_state.h"

#include <utility>

#include "callback_scope.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

void JobState::arm(Timer& timer, const std::function<void(StopReason)>& stop) {
  if (deadline) alarm_ = timer.at(*deadline, [stop] { stop(StopReason::kTimeout); });
  if (stop_token.stop_possible()) {
    stop_callback_.emplace(stop_token, [stop] {
      const auto call = stop;  // the job may let go of this function while it is called
      call(StopReason::kCancelled);
    });
  }
}

std::shared_ptr<void> JobState::release(Timer* timer) {
  if (timer != nullptr) timer->cancel(alarm_);
  stop_callback_.reset();
  inputs.clear();
  callback = nullptr;
  return std::move(owner);
}

bool JobState::attach(std::shared_ptr<RunControl> control) {
  const std::lock_guard lock(mutex_);
  if (stop_ != StopReason::kNone) return false;
  control_ = std::move(control);
  return true;
}

StopReason JobState::stopped() const {
  const std::lock_guard lock(mutex_);
  return stop_;
}

std::shared_ptr<RunControl> JobState::request_stop(StopReason reason) {
  const std::lock_guard lock(mutex_);
  if (stop_ != StopReason::kNone || phase_ != Phase::kNew) return nullptr;
  stop_ = reason;
  return control_;
}

void JobState::end(NamedTensors outputs, const RunReport& run) {
  const std::lock_guard lock(mutex_);
  outputs_ = std::move(outputs);
  end_locked(run);
}

void JobState::end(std::exception_ptr error, const RunReport& run) {
  const std::lock_guard lock(mutex_);
  error_ = std::move(error);
  was_cancelled_ = stop_ == StopReason::kCancelled;
  end_locked(run);
}

void JobState::end_stopped(bool had_begun) {
  try {
    throw_stopped(stopped(), had_begun, *where);
  } catch (...) {
    end(std::current_exception());
  }
}

void JobState::end_locked(const RunReport& run) {
  report.queue_time += run.queue_time;
  report.run_time = run.run_time;
  report.joined = run.joined;
  report.copies.insert(report.copies.end(), run.copies.begin(), run.copies.end());
  phase_ = Phase::kEnded;
  control_.reset();
}

bool JobState::has_ended() const {
  const std::lock_guard lock(mutex_);
  return phase_ != Phase::kNew;
}

void JobState::callback_failed(std::exception_ptr error) {
  NamedTensors gone;  // let go of outside of the lock: that may run the code of an owner
  const std::lock_guard lock(mutex_);
  if (error_ == nullptr) error_ = std::move(error);
  gone = std::exchange(outputs_, {});
}

void JobState::set_done() {
  std::vector<std::function<void()>> calls;
  {
    const std::lock_guard lock(mutex_);
    if (report_copy != nullptr) *report_copy = report;
    phase_ = Phase::kDone;
    calls.swap(when_done_);
    changed_.notify_all();
  }
  for (const auto& call : calls) call();
}

void JobState::when_done(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::kDone) {
      when_done_.push_back(std::move(call));
      return;
    }
  }
  call();
}

bool JobState::is_done() const {
  if (CallbackScope::is_of_job(this)) return true;
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::kDone;
}

NamedTensors JobState::outputs() const {
  if (!is_done()) {
    throw InvalidStateError("job " + std::to_string(id) + " is not done: wait() for it");
  }
  const std::lock_guard lock(mutex_);
  if (error_ != nullptr) std::rethrow_exception(error_);
  return outputs_;
}

std::exception_ptr JobState::error() const {
  const std::lock_guard lock(mutex_);
  return error_;
}

bool JobState::wait_until(std::optional<TimePoint> when) const {
  std::unique_lock lock(mutex_);
  const auto is_over = [this] { return phase_ == Phase::kDone; };
  if (when) return changed_.wait_until(lock, *when, is_over);
  changed_.wait(lock, is_over);
  return true;
}

bool JobState::was_cancelled() const {
  const std::lock_guard lock(mutex_);
  return was_cancelled_;
}

bool JobState::was_taken() const {
  const std::lock_guard lock(mutex_);
  return was_taken_;
}

void JobState::set_taken() {
  const std::lock_guard lock(mutex_);
  was_taken_ = true;
}

}  // namespace xpuruntime
