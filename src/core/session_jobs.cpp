// SPDX-License-Identifier: Apache-2.0
#include "session_jobs.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "batch_form.h"
#include "log.h"
#include "profiler_events.h"
#include "run_inputs.h"
#include "tensor_check.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
SessionJobs::SessionJobs(SessionState& state, const SessionConfig& config)
    : state_(state),
      most_rows_(can_join_rows(state.info) && !state.is_stateful ? config.max_batch_size : 1),
      scheduler_(std::make_shared<Scheduler>(
          *this, Scheduler::Limits{config.queue_size, config.when_full, state.report.contexts},
          state.timer, state.contexts.get())) {}

ContextPool::Lease SessionJobs::lease(int32_t priority) const {
  return state_.lease({.clock = state_.timer.clock(), .for_job = true, .priority = priority});
}

JobPtr SessionJobs::make_job(std::vector<Tensor> inputs, const RunOptions& options) {
  auto job = std::make_shared<JobState>();
  job->rows = rows_of(inputs);
  job->inputs = std::move(inputs);
  job->priority = options.priority;
  job->where = &state_.where;
  job->submitted = state_.timer.clock().now();
  if (options.timeout) job->deadline = after(job->submitted, *options.timeout);
  job->report = state_.new_report();
  return job;
}

void SessionJobs::copy_inputs(JobState& job) {
  const auto begin = std::chrono::steady_clock::now();
  for (size_t i = 0; i < job.inputs.size(); ++i) {
    Tensor& input = job.inputs[i];
    if (input.dtype() == DType::kString) continue;  // strings are immutable
    Tensor copy = state_.memory.allocate(input.dtype(), input.shape());
    if (input.byte_size() != 0) {
      std::memcpy(copy.mutable_data(), input.data(), input.byte_size());
    }
    input = std::move(copy);
    job.report.copies.push_back(
        {(*state_.input_names)[i], input.byte_size(), "the job's inputs may be written meanwhile"});
  }
  if (state_.profiler != nullptr) {
    ProfilerAccess::add(*state_.profiler,
                        {ProfilerEvent::Kind::kCopy, begin, std::chrono::steady_clock::now(), 0, 1,
                         0, state_.source});
  }
}

Job SessionJobs::submit(std::vector<Tensor> inputs, const RunOptions& options,
                        JobCallback callback) {
  JobPtr job = make_job(std::move(inputs), options);
  job->owner = state_.shared_from_this();
  job->stop_token = options.stop_token;
  job->report_copy = options.report;
  job->callback = std::move(callback);
  if (job->callback == nullptr) {
    const std::lock_guard lock(mutex_);
    job->callback = callback_;
  }
  if (options.copy_inputs) copy_inputs(*job);
  scheduler_->submit(job);
  return Job(std::move(job));
}

void SessionJobs::register_callback(JobCallback callback) {
  const std::lock_guard lock(mutex_);
  callback_.swap(callback);
}

Job SessionJobs::find(uint64_t id) {
  JobPtr job = scheduler_->find(id);
  if (job != nullptr) return Job(std::move(job));
  throw InvalidArgumentError("job " + std::to_string(id) +
                             " is not known: it was not of this session, or ended long ago, or "
                             "somebody waited for it (" +
                             state_.where + ")");
}

void SessionJobs::run(const Take& take, int32_t priority) {
  std::span<const JobPtr> jobs;
  bool has_taken = false;
  try {
    auto leased = lease(priority);
    has_taken = true;
    jobs = take();
    for (const JobPtr& job : jobs) begin(*job);
    run_leased(leased, jobs);
  } catch (...) {  // no Context is to be had
    if (!has_taken) jobs = take();
    end_all(jobs, std::current_exception());
  }
  for (const JobPtr& job : jobs) {
    if (job->has_ended()) continue;
    try {
      auto leased = lease(job->priority);
      run_leased(leased, std::span(&job, 1));
    } catch (...) {
      job->end(std::current_exception());
    }
  }
}

void SessionJobs::begin(JobState& job) const {
  const TimePoint now = state_.timer.clock().now();
  job.report.queue_time = now - job.submitted;
  if (state_.profiler != nullptr && job.id != 0) {
    ProfilerAccess::add(*state_.profiler, {ProfilerEvent::Kind::kQueue, job.submitted, now, job.id,
                                           1, 0, state_.source});
  }
}

/// Leaves jobs that are to be run again, alone.
void SessionJobs::run_leased(ContextPool::Lease& lease, std::span<const JobPtr> jobs) {
  const auto control = std::make_shared<RunControl>(jobs.size(), state_.timer);
  std::vector<JobPtr> attached;
  for (const JobPtr& job : jobs) {
    if (job->has_ended()) continue;
    if (job->attach(control)) {
      attached.push_back(job);
    } else {
      control->stop(job->stopped());
      job->end_stopped(false);
    }
  }
  if (!attached.empty()) run_attached(lease, attached, *control);
}

void SessionJobs::run_attached(ContextPool::Lease& lease, std::span<const JobPtr> jobs,
                               RunControl& control) {
  RunReport report = state_.new_report();
  report.joined = static_cast<uint32_t>(jobs.size());
  RunExtras extras{.report = &report,
                   .control = &control,
                   .job = jobs.front()->id,
                   .priority = jobs.front()->priority};
  const bool all_have_deadlines =
      std::ranges::all_of(jobs, [](const JobPtr& job) { return job->deadline.has_value(); });
  for (const JobPtr& job : jobs) {
    if (all_have_deadlines && (!extras.deadline || *job->deadline > *extras.deadline)) {
      extras.deadline = job->deadline;
    }
  }
  try {
    if (hand_out(jobs, run_engine(lease, jobs, extras), report)) return;
    log(LogLevel::kWarning,
        "an output's first dimension is not that of the inputs: runs are not joined (" +
            state_.where + ")");
    most_rows_ = 1;
  } catch (...) {
    const bool is_stopped = control.stopped() != StopReason::kNone;
    for (const JobPtr& job : jobs) {
      if (jobs.size() > 1 && is_stopped) job->end_stopped(true);
      if (jobs.size() == 1) job->end(std::current_exception(), report);
    }
  }
}

/// One run of the engine over all of the jobs.
std::vector<Tensor> SessionJobs::run_engine(ContextPool::Lease& lease, std::span<const JobPtr> jobs,
                                            const RunExtras& extras) {
  std::vector<Tensor> joined;
  std::span<const Tensor> inputs = jobs.front()->inputs;
  if (jobs.size() > 1) {
    for (size_t i = 0; i < state_.info.inputs.size(); ++i) {
      joined.push_back(join_input(jobs, i, state_.memory));
      if (joined[i].data() == inputs[i].data()) continue;
      extras.report->copies.push_back({(*state_.input_names)[i], joined[i].byte_size(),
                                       "joined with the inputs of other items"});
    }
    inputs = joined;
  }
  const LeasedFrame frame(lease->frame());
  frame->unsettle();  // the outputs are the jobs' own
  for (size_t i = 0; i < inputs.size(); ++i) frame->set_input(i, inputs[i]);
  state_.execute(lease, *frame, &extras);
  return publish_all(*frame, state_.info.outputs.size());
}

/// Gives each of the jobs its rows. false: the outputs do not have them.
bool SessionJobs::hand_out(std::span<const JobPtr> jobs, std::vector<Tensor> outputs,
                           const RunReport& report) {
  if (jobs.size() == 1) {
    jobs.front()->end({state_.output_names, std::move(outputs)}, report);
    return true;
  }
  int64_t rows = 0;
  for (const JobPtr& job : jobs) rows += job->rows;
  if (!std::ranges::all_of(outputs, [&](const Tensor& output) {
        return output.shape().rank() > 0 && output.shape()[0] == rows;
      })) {
    return false;
  }
  int64_t row = 0;
  for (const JobPtr& job : jobs) {
    job->end({state_.output_names, slice_all(outputs, row, row + job->rows)}, report);
    row += job->rows;
  }
  return true;
}

}  // namespace xpuruntime
