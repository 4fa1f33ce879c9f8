// SPDX-License-Identifier: Apache-2.0
// Batches that run on the thread of their caller.
#include <algorithm>
#include <optional>
#include <utility>

#include "batch_form.h"
#include "session_jobs.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// Stops the items that have not ended when the time or the token's word comes.
class BatchStop {
 public:
  BatchStop(Timer& timer, const std::vector<JobPtr>& items, std::optional<TimePoint> deadline,
            const std::stop_token& token)
      : timer_(timer) {
    if (!deadline && !token.stop_possible()) return;
    const auto stop = [items](StopReason reason) {
      for (const JobPtr& item : items) {
        if (const auto running = item->request_stop(reason)) running->stop(reason);
      }
    };
    if (deadline) alarm_ = timer.at(*deadline, [stop] { stop(StopReason::kTimeout); });
    callback_.emplace(token, [stop] { stop(StopReason::kCancelled); });
  }
  BatchStop(const BatchStop&) = delete;
  BatchStop& operator=(const BatchStop&) = delete;
  ~BatchStop() { timer_.cancel(alarm_); }

 private:
  Timer& timer_;
  Timer::Id alarm_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> callback_;
};

}  // namespace

const NamedTensors& BatchResult::get() const {
  if (error != nullptr) std::rethrow_exception(error);
  return outputs;
}

/// The first item that has not ended, and those that can be joined with it.
std::vector<JobPtr> SessionJobs::take_group(std::span<const JobPtr> items) const {
  std::vector<JobPtr> group;
  int64_t rows = 0;
  for (const JobPtr& item : items) {
    if (item->has_ended()) continue;
    const bool fits =
        group.empty() || (item->rows > 0 && rows > 0 && rows + item->rows <= most_rows_ &&
                          differ_in_rows_only(group.front()->inputs, item->inputs));
    if (!fits) continue;
    group.push_back(item);
    rows += item->rows;
    if (item->rows == 0 || rows >= most_rows_) break;
  }
  return group;
}

std::vector<BatchResult> SessionJobs::run_batch(std::vector<Item> items,
                                                const RunOptions& options) {
  std::vector<JobPtr> jobs;
  for (Item& item : items) {
    jobs.push_back(make_job(std::move(item.inputs), options));
    if (item.error != nullptr) jobs.back()->end(item.error);
  }
  ContextPool::WaitLimit limit{.clock = state_.timer.clock(),
                               .stop_token = options.stop_token,
                               .priority = options.priority};
  if (options.timeout) limit.deadline = after(limit.clock.now(), *options.timeout);
  for (const JobPtr& job : jobs) job->deadline = limit.deadline;
  const BatchStop stop(state_.timer, jobs, limit.deadline, options.stop_token);

  bool has_run = false;
  const auto run = [&](std::span<const JobPtr> group) {
    try {
      auto leased = state_.lease(limit);
      has_run = true;
      run_leased(leased, group);
    } catch (const InvalidStateError&) {
      if (!has_run) throw;  // closed, or inside a callback: that is no item's error
      end_all(group, std::current_exception());
    } catch (...) {
      end_all(group, std::current_exception());
    }
  };
  size_t begin = 0;
  while (true) {
    while (begin < jobs.size() && jobs[begin]->has_ended()) ++begin;
    if (begin == jobs.size()) break;
    const auto group = take_group(std::span(jobs).subspan(begin));
    run(group);
    for (const JobPtr& job : group) {
      if (!job->has_ended()) run(std::span(&job, 1));
    }
  }

  std::vector<BatchResult> results;
  for (const JobPtr& job : jobs) {
    job->set_done();
    BatchResult& result = results.emplace_back();
    result.error = job->error();
    if (result.error == nullptr) result.outputs = job->outputs();
    result.report = std::move(job->report);
  }
  return results;
}

}  // namespace xpuruntime
