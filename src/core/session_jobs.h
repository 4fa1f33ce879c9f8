// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "scheduler.h"
#include "session_state.h"
#include "xpuruntime/batch.h"
#include "xpuruntime/job.h"
#include "xpuruntime/run_options.h"

namespace xpuruntime {

/// The jobs of a session: makes them, runs them, alone or joined along the first dimension.
class SessionJobs final : public JobRunner {
 public:
  SessionJobs(SessionState& state, const SessionConfig& config);

  /// `inputs`: checked, in the model's order.
  Job submit(std::vector<Tensor> inputs, const RunOptions& options, JobCallback callback);
  /// Runs items on this thread. One that came with an error keeps that.
  struct Item {
    std::vector<Tensor> inputs;
    std::exception_ptr error;
  };
  std::vector<BatchResult> run_batch(std::vector<Item> items, const RunOptions& options);

  void register_callback(JobCallback callback);
  /// Throws InvalidArgumentError.
  Job find(uint64_t id);
  bool close(CloseMode mode, std::optional<TimePoint> when) {
    return scheduler_->close(mode, when);
  }
  void abandon() { scheduler_->abandon(); }
  void shut_down() { scheduler_->shut_down(); }

  void run(const Take& take, int32_t priority) override;
  int64_t most_rows() const override { return most_rows_; }
  void guard_callbacks(bool on) override { state_.contexts->guard_callbacks(on); }

 private:
  JobPtr make_job(std::vector<Tensor> inputs, const RunOptions& options);
  void copy_inputs(JobState& job);
  void begin(JobState& job) const;
  void run_leased(ContextPool::Lease& lease, std::span<const JobPtr> jobs);
  void run_attached(ContextPool::Lease& lease, std::span<const JobPtr> jobs, RunControl& control);
  std::vector<JobPtr> take_group(std::span<const JobPtr> items) const;
  std::vector<Tensor> run_engine(ContextPool::Lease& lease, std::span<const JobPtr> jobs,
                                 const RunExtras& extras);
  bool hand_out(std::span<const JobPtr> jobs, std::vector<Tensor> outputs, const RunReport& report);
  ContextPool::Lease lease(int32_t priority) const;

  SessionState& state_;
  std::atomic<int64_t> most_rows_;
  const std::shared_ptr<Scheduler> scheduler_;
  std::mutex mutex_;
  JobCallback callback_;
};

}  // namespace xpuruntime
