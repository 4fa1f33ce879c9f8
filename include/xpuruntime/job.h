// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "xpuruntime/export.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"

namespace xpuruntime {

class JobState;

/// One asynchronous run: a shared handle, cheap to copy; what it shares may outlive the session.
/// Thread-safe. Made by InferenceSession::run_async().
class XPURT_API Job {
 public:
  explicit Job(std::shared_ptr<JobState> state) noexcept : state_(std::move(state)) {}

  uint64_t id() const noexcept;  ///< From 1 up, in the order in which a session's jobs came in.
  /// Has the run ended, and its callback returned? Inside that callback: yes.
  bool done() const noexcept;
  /// As done(), waiting for it until `timeout` passes. Throws InvalidStateError inside a callback
  /// of the same session.
  bool done(std::chrono::nanoseconds timeout) const;
  /// Calls `call` once the job is done: now, on this thread, when it is; else on a thread of the
  /// session's. It is to be short, and must not throw. For event loops, which cannot wait().
  void when_done(std::function<void()> call) const;
  /// The outputs of a job that is done, in the model's order. Throws the run's own error, what its
  /// callback threw, InvalidStateError when the job is not done.
  NamedTensors outputs() const;
  /// Waits until the job is done, then outputs(). Throws InvalidStateError inside a callback of the
  /// same session.
  NamedTensors wait() const;
  /// As wait(); throws DeadlineExceededError when `timeout` passes first. The job goes on.
  NamedTensors wait(std::chrono::nanoseconds timeout) const;
  /// A job that has not begun never runs. One that runs is asked to stop, and ends as
  /// CancelledError if its engine heeds that. True when it is certain already that the job gives no
  /// outputs: it had not begun, or has ended so. Idempotent.
  bool cancel() const;
  /// What the run did, once the job is done. Throws InvalidStateError before that.
  RunReport report() const;

 private:
  std::shared_ptr<JobState> state_;
};

/// Told of a job whose run has ended: outputs() gives its tensors or throws its error.
using JobCallback = std::function<void(const Job& job)>;

}  // namespace xpuruntime
