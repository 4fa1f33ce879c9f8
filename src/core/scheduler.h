// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "job_state.h"
#include "timer.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

/// What does the jobs that a Scheduler hands out.
class JobRunner {
 public:
  /// The jobs that are to run now, together if they are several; none: they are gone.
  using Take = std::function<std::span<const JobPtr>()>;

  virtual ~JobRunner() = default;
  /// Gets what a run needs, then calls `take` once, and ends each of the jobs that it gives.
  /// `priority`: of the first of them that waits now.
  virtual void run(const Take& take, int32_t priority) = 0;
  /// Rows that jobs may have together; 1: they run alone.
  virtual int64_t most_rows() const = 0;
  /// While it is on, threads that are inside a callback are refused what they would wait for.
  virtual void guard_callbacks(bool on) = 0;
};

/// A session's queue of jobs and the threads that do them: bounded, by priority and then in order,
/// with deadlines. Jobs keep the session alive; the threads keep this alive.
class Scheduler : public std::enable_shared_from_this<Scheduler> {
 public:
  struct Limits {
    size_t queue_size = 1;
    WhenFull when_full = WhenFull::kBlock;
    size_t threads = 1;  ///< jobs, or groups of joined ones, at once
  };

  /// `session`: as CallbackScope tells sessions.
  Scheduler(JobRunner& runner, const Limits& limits, Timer& timer, const void* session);

  /// Queues a job. Throws InvalidStateError (closed), QueueFullError; while it waits for room,
  /// DeadlineExceededError, CancelledError.
  void submit(const JobPtr& job);
  /// See Job::cancel().
  bool stop(const JobPtr& job, StopReason reason);
  /// Null when no such job is known.
  JobPtr find(uint64_t id);
  /// Somebody has what came of the job: it is not kept for others.
  void forget(uint64_t id);

  /// Takes no more jobs and waits for those there are. false: the time passed.
  bool close(CloseMode mode, std::optional<TimePoint> when);
  /// close(kCancel) without waiting, from inside a callback.
  void abandon();
  /// Ends the threads, once there are no jobs any more.
  void shut_down();

 private:
  using Key = std::pair<int64_t, uint64_t>;  // the highest priority first, then the lowest id
  struct Known {
    std::weak_ptr<JobState> job;
    JobPtr kept;  // while it is not done, and until somebody took what came of it
  };

  static Key key_of(const JobState& job) { return {-int64_t{job.priority}, job.id}; }
  void arm(const JobPtr& job);
  void wait_for_room(std::unique_lock<std::mutex>& lock, const JobState& job);
  void check_open_locked(const JobState& job) const;
  void start_worker_locked();
  void work();
  std::vector<JobPtr> take();
  void join_waiting_locked(std::vector<JobPtr>& jobs);
  void end_unbegun(const JobPtr& job);
  void deliver_unbegun();
  void deliver(const JobPtr& job);
  void finish(const JobPtr& job);
  void cancel_all();

  JobRunner& runner_;  // used as long as there are jobs, which keep the session
  const Limits limits_;
  Timer& timer_;
  const void* const session_;
  std::mutex mutex_;
  std::condition_variable work_;     // a job came, or threads are to end
  std::condition_variable room_;     // a job left the queue, or none is taken any more
  std::condition_variable unbegun_;  // for deliverer_
  std::condition_variable all_done_;
  std::map<Key, JobPtr> queue_;
  std::unordered_map<uint64_t, Known> known_;
  std::deque<uint64_t> done_;       // ids, the oldest first
  std::deque<JobPtr> undelivered_;  // jobs that ended before they began, for their callbacks
  std::vector<std::thread> workers_;
  std::thread deliverer_;  // so that these callbacks wait for no run
  uint64_t last_id_ = 0;
  size_t idle_ = 0;      // workers that wait for a job
  size_t claimed_ = 0;   // workers on their way to take one
  size_t not_done_ = 0;  // jobs
  bool closed_ = false;
  bool ending_ = false;
};

}  // namespace xpuruntime
