// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "run_control.h"
#include "xpuruntime/job.h"
#include "xpuruntime/run_options.h"

namespace xpuruntime {

class Scheduler;

/// A job, for its handles, the Scheduler and the thread that runs it: queued, running, ended (its
/// outputs or error are there, its callback is not through), done.
class JobState {
 public:
  // What it is: set before it is queued, and not changed after that.
  uint64_t id = 0;
  int32_t priority = 0;
  std::vector<Tensor> inputs;  ///< in the model's order
  int64_t rows = 0;            ///< of all inputs; 0: it is not to be joined with others
  std::optional<TimePoint> deadline;
  std::stop_token stop_token;
  JobCallback callback;
  bool has_callback = false;         ///< also when it was called
  RunReport report;                  ///< the running thread's until the job has ended
  RunReport* report_copy = nullptr;  ///< the caller's
  TimePoint submitted;
  const void* session = nullptr;       ///< as CallbackScope tells sessions
  const std::string* where = nullptr;  ///< for messages; the session's
  std::shared_ptr<void> owner;         ///< keeps the session until the job is done
  std::weak_ptr<Scheduler> scheduler;  ///< none: nobody but the caller runs it

  /// Asks for its end, by what `stop` says when the time or the token's word comes.
  void arm(Timer& timer, const std::function<void(StopReason)>& stop);
  /// Takes that back, and lets go of inputs and callback. Gives what keeps the session.
  std::shared_ptr<void> release(Timer* timer);

  /// For the thread that runs it: from now on `control` can stop the run. false: it is not to run.
  bool attach(std::shared_ptr<RunControl> control);
  /// Why it is to stop, kNone while it is not.
  StopReason stopped() const;
  /// Its first word counts. Gives what to tell of it, if it is running.
  std::shared_ptr<RunControl> request_stop(StopReason reason);

  /// `run`: what the run did, which goes into the job's report.
  void end(NamedTensors outputs, const RunReport& run);
  void end(std::exception_ptr error, const RunReport& run = {});
  /// With the error that it was stopped with.
  void end_stopped(bool had_begun);
  bool has_ended() const;
  /// Its callback threw: that is its error, unless it has one.
  void callback_failed(std::exception_ptr error);
  void set_done();
  /// Calls `call` when it is done, after set_done() has told those who wait.
  void when_done(std::function<void()> call);

  // What Job offers.
  bool is_done() const;
  NamedTensors outputs() const;
  std::exception_ptr error() const;
  /// false: the time passed.
  bool wait_until(std::optional<TimePoint> when) const;
  bool was_cancelled() const;
  bool was_taken() const;  ///< Did somebody get its outputs or error?
  void set_taken();

 private:
  enum class Phase : uint8_t { kNew, kEnded, kDone };

  void end_locked(const RunReport& run);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Phase phase_ = Phase::kNew;
  StopReason stop_ = StopReason::kNone;
  bool was_cancelled_ = false;
  bool was_taken_ = false;
  NamedTensors outputs_;
  std::exception_ptr error_;
  std::shared_ptr<RunControl> control_;
  std::vector<std::function<void()>> when_done_;
  Timer::Id alarm_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> stop_callback_;
};

using JobPtr = std::shared_ptr<JobState>;

}  // namespace xpuruntime
