// SPDX-License-Identifier: Apache-2.0
#include "scheduler.h"

#include <string>
#include <system_error>

#include "batch_form.h"
#include "callback_scope.h"
#include "log.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

Scheduler::Scheduler(JobRunner& runner, const Limits& limits, Timer& timer, const void* session)
    : runner_(runner), limits_(limits), timer_(timer), session_(session) {}

void Scheduler::submit(const JobPtr& job) {
  job->scheduler = weak_from_this();
  job->session = session_;
  job->has_callback = job->callback != nullptr;
  bool is_stopped = false;
  try {
    arm(job);
    std::unique_lock lock(mutex_);
    check_open_locked(*job);
    if (queue_.size() >= limits_.queue_size) wait_for_room(lock, *job);
    job->id = ++last_id_;
    known_[job->id] = {job, job};
    ++not_done_;
    is_stopped = job->stopped() != StopReason::kNone;
    if (!is_stopped) {
      queue_.emplace(key_of(*job), job);
      start_worker_locked();
    }
  } catch (...) {
    job->scheduler.reset();
    job->release(&timer_);
    throw;
  }
  is_stopped ? end_unbegun(job) : work_.notify_one();
}

void Scheduler::arm(const JobPtr& job) {
  job->arm(timer_, [weak_self = weak_from_this(), weak_job = std::weak_ptr(job)](auto reason) {
    const auto self = weak_self.lock();
    const auto armed = weak_job.lock();
    if (self != nullptr && armed != nullptr) self->stop(armed, reason);
  });
}

void Scheduler::check_open_locked(const JobState& job) const {
  if (closed_) throw InvalidStateError("the session is closed (" + *job.where + ")");
}

void Scheduler::wait_for_room(std::unique_lock<std::mutex>& lock, const JobState& job) {
  const bool inside = CallbackScope::is_inside(session_);
  if (limits_.when_full == WhenFull::kReject || inside) {
    throw QueueFullError("the queue is full: " + std::to_string(queue_.size()) + " jobs wait" +
                             (inside ? ", and a callback must not wait for room" : "") + " (" +
                             *job.where + ")",
                         {.retryable = true, .asked = 1, .available = 0});
  }
  while (queue_.size() >= limits_.queue_size) {
    if (job.stopped() != StopReason::kNone) throw_stopped(job.stopped(), false, *job.where);
    room_.wait(lock);
    check_open_locked(job);
  }
}

void Scheduler::start_worker_locked() {
  if (queue_.size() <= claimed_ + idle_ || workers_.size() >= limits_.threads) return;
  try {
    workers_.emplace_back([self = shared_from_this()] { self->work(); });
  } catch (const std::system_error& error) {
    if (!workers_.empty()) return;
    const auto last = known_.at(last_id_).kept;
    queue_.erase(key_of(*last));
    known_.erase(last_id_);
    --not_done_;
    throw UnavailableError("a thread for jobs cannot be started: " + std::string(error.what()));
  }
}

bool Scheduler::stop(const JobPtr& job, StopReason reason) {
  bool was_queued = false;
  std::shared_ptr<RunControl> running;
  {
    const std::lock_guard lock(mutex_);
    running = job->request_stop(reason);
    was_queued = queue_.erase(key_of(*job)) != 0;
    room_.notify_all();  // it may be the very job that waits for room
  }
  if (was_queued) {
    end_unbegun(job);
    return true;
  }
  if (running != nullptr) running->stop(reason);
  return job->was_cancelled();
}

void Scheduler::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    work_.wait(lock, [this] { return ending_ || queue_.size() > claimed_; });
    --idle_;
    if (ending_) return;
    ++claimed_;
    const int32_t priority = queue_.begin()->second->priority;
    lock.unlock();
    std::vector<JobPtr> jobs;
    const auto take_jobs = [&] {
      jobs = take();
      return std::span<const JobPtr>(jobs);
    };
    runner_.run(take_jobs, priority);
    for (const JobPtr& job : jobs) deliver(job);
    jobs.clear();
    lock.lock();
  }
}

std::vector<JobPtr> Scheduler::take() {
  std::vector<JobPtr> jobs;
  std::vector<JobPtr> late;
  {
    const std::lock_guard lock(mutex_);
    --claimed_;
    const TimePoint now = timer_.clock().now();
    while (jobs.empty() && !queue_.empty()) {
      const JobPtr job = queue_.extract(queue_.begin()).mapped();
      const bool is_late = job->deadline && *job->deadline <= now;
      if (is_late) job->request_stop(StopReason::kTimeout);
      (is_late ? late : jobs).push_back(job);
    }
    if (!jobs.empty()) join_waiting_locked(jobs);
    room_.notify_all();
  }
  for (const JobPtr& job : late) end_unbegun(job);
  return jobs;
}

void Scheduler::join_waiting_locked(std::vector<JobPtr>& jobs) {
  const int64_t most = runner_.most_rows();
  const JobPtr first = jobs.front();
  int64_t rows = first->rows;
  if (rows == 0 || most <= 1) return;
  const TimePoint now = timer_.clock().now();
  for (auto place = queue_.begin(); place != queue_.end() && rows < most;) {
    const JobState& job = *place->second;
    const bool joins = job.rows != 0 && rows + job.rows <= most &&
                       !(job.deadline && *job.deadline <= now) &&
                       differ_in_rows_only(first->inputs, job.inputs);
    if (!joins) {
      ++place;
      continue;
    }
    rows += job.rows;
    jobs.push_back(place->second);
    place = queue_.erase(place);
  }
}

/// For a job that was stopped in the queue.
void Scheduler::end_unbegun(const JobPtr& job) {
  job->end_stopped(false);
  if (job->callback) {
    const std::lock_guard lock(mutex_);
    try {
      if (!deliverer_.joinable()) {
        deliverer_ = std::thread([self = shared_from_this()] { self->deliver_unbegun(); });
      }
      undelivered_.push_back(job);
      unbegun_.notify_one();
      return;
    } catch (const std::system_error& error) {
      log(LogLevel::kError, "the callback of job " + std::to_string(job->id) +
                                " is not called, there can be no thread: " + error.what());
    }
  }
  finish(job);
}

void Scheduler::deliver_unbegun() {
  std::unique_lock lock(mutex_);
  while (true) {
    unbegun_.wait(lock, [this] { return ending_ || !undelivered_.empty(); });
    if (undelivered_.empty()) return;
    const JobPtr job = std::move(undelivered_.front());
    undelivered_.pop_front();
    lock.unlock();
    deliver(job);
    lock.lock();
  }
}

void Scheduler::deliver(const JobPtr& job) {
  const CallbackScope scope(session_, job.get());
  if (job->callback) {
    runner_.guard_callbacks(true);
    try {
      job->callback(Job(job));
    } catch (...) {
      job->callback_failed(std::current_exception());
    }
    runner_.guard_callbacks(false);
  }
  finish(job);
}

void Scheduler::finish(const JobPtr& job) {
  job->release(&timer_).reset();  // may have been the last to keep the session
  job->set_done();
  std::vector<JobPtr> gone;  // let go of outside of the lock
  const std::lock_guard lock(mutex_);
  Known& known = known_.at(job->id);
  if (job->was_taken() || job->has_callback) gone.push_back(std::move(known.kept));
  done_.push_back(job->id);
  if (done_.size() > limits_.queue_size) {
    const auto oldest = known_.find(done_.front());
    gone.push_back(std::move(oldest->second.kept));
    known_.erase(oldest);
    done_.pop_front();
  }
  if (--not_done_ == 0) all_done_.notify_all();
}

JobPtr Scheduler::find(uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  return found == known_.end() ? nullptr : found->second.job.lock();
}

void Scheduler::forget(uint64_t id) {
  JobPtr gone;
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(id);
  if (found != known_.end()) gone = std::move(found->second.kept);
}

bool Scheduler::close(CloseMode mode, std::optional<TimePoint> when) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
  }
  if (mode == CloseMode::kCancel) cancel_all();
  std::unique_lock lock(mutex_);
  while (not_done_ > 0) {
    if (!when) {
      all_done_.wait(lock);
    } else if (timer_.clock().now() >= *when) {
      return false;
    } else {
      timer_.clock().wait_until(lock, all_done_, *when);
    }
  }
  return true;
}

void Scheduler::abandon() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    room_.notify_all();
  }
  cancel_all();
}

void Scheduler::cancel_all() {
  std::vector<JobPtr> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [unused, known] : known_) {
      if (known.kept != nullptr) jobs.push_back(known.kept);
    }
  }
  for (const JobPtr& job : jobs) stop(job, StopReason::kCancelled);
}

void Scheduler::shut_down() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ending_ = true;
    work_.notify_all();
    unbegun_.notify_all();
  }
  workers_.push_back(std::move(deliverer_));
  for (std::thread& thread : workers_) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else if (thread.joinable()) {
      thread.join();
    }
  }
  workers_.clear();
}

}  // namespace xpuruntime
