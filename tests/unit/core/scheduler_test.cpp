// SPDX-License-Identifier: Apache-2.0
#include "core/scheduler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/callback_scope.h"
#include "expect_error.h"
#include "manual_clock.h"

namespace xpuruntime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kWhere = "engine none, model none";

/// Notes which jobs it gets; each run waits for a permit while the runner is held.
class NotingRunner final : public JobRunner {
 public:
  void run(const Take& take, int32_t /*priority*/) override {
    const auto jobs = take();
    if (jobs.empty()) return;
    std::vector<uint64_t> ids;
    for (const JobPtr& job : jobs) ids.push_back(job->id);
    {
      const std::lock_guard lock(mutex_);
      groups_.push_back(ids);
    }
    began_.release();
    if (is_held_) permits_.acquire();
    for (const JobPtr& job : jobs) {
      const auto control = std::make_shared<RunControl>(1, timer_);
      if (job->attach(control)) {
        job->end(NamedTensors(), {});
      } else {
        job->end_stopped(false);
      }
    }
  }
  int64_t most_rows() const override { return rows; }
  void guard_callbacks(bool) override {}

  void hold() { is_held_ = true; }
  void let_go(int runs = 1) { permits_.release(runs); }
  void let_all_go() {
    is_held_ = false;
    permits_.release(1000);
  }
  void wait_until_began(int runs = 1) {
    for (int i = 0; i < runs; ++i) began_.acquire();
  }
  std::vector<std::vector<uint64_t>> groups() {
    const std::lock_guard lock(mutex_);
    return groups_;
  }
  std::vector<uint64_t> order() {
    std::vector<uint64_t> order;
    for (const auto& group : groups()) order.insert(order.end(), group.begin(), group.end());
    return order;
  }

  int64_t rows = 1;

 private:
  Timer timer_{Clock::steady()};
  std::atomic<bool> is_held_{false};
  std::counting_semaphore<> permits_{0};
  std::counting_semaphore<> began_{0};
  std::mutex mutex_;
  std::vector<std::vector<uint64_t>> groups_;
};

class SchedulerTest : public ::testing::Test {
 protected:
  ~SchedulerTest() override {
    runner_.let_all_go();
    if (scheduler_ != nullptr) {
      scheduler_->close(CloseMode::kCancel, std::nullopt);
      scheduler_->shut_down();
    }
  }

  Scheduler& open(Scheduler::Limits limits = {.queue_size = 100}) {
    scheduler_ = std::make_shared<Scheduler>(runner_, limits, timer_, this);
    return *scheduler_;
  }
  /// A scheduler whose one thread is in a job already, with id 1.
  Scheduler& open_busy(Scheduler::Limits limits = {.queue_size = 100}) {
    runner_.hold();
    Scheduler& scheduler = open(limits);
    scheduler.submit(make_job());
    runner_.wait_until_began();
    return scheduler;
  }
  static JobPtr make_job(int32_t priority = 0, JobCallback callback = nullptr) {
    auto job = std::make_shared<JobState>();
    job->priority = priority;
    job->where = &kWhere;
    job->callback = std::move(callback);
    return job;
  }
  JobPtr submit(int32_t priority = 0, JobCallback callback = nullptr) {
    JobPtr job = make_job(priority, std::move(callback));
    scheduler_->submit(job);
    return job;
  }
  JobPtr submit_until(std::chrono::nanoseconds timeout, JobCallback callback = nullptr) {
    JobPtr job = make_job(0, std::move(callback));
    job->deadline = clock_.now() + timeout;
    scheduler_->submit(job);
    return job;
  }

  ManualClock clock_;
  Timer timer_{clock_};
  NotingRunner runner_;
  std::shared_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, IdsGrowInOrderOfSubmission) {
  open();
  EXPECT_EQ(submit()->id, 1U);
  EXPECT_EQ(submit(5)->id, 2U);
  EXPECT_EQ(submit()->id, 3U);
}

TEST_F(SchedulerTest, JobsBeginByPriorityThenInOrder) {
  open_busy();
  submit();
  submit(1);
  submit(-1);
  submit(1);
  const JobPtr last = submit(-1);
  runner_.let_all_go();
  Job(last).wait();
  EXPECT_THAT(runner_.order(), ElementsAre(1, 3, 5, 2, 4, 6));
}

TEST_F(SchedulerTest, UsesAsManyThreadsAsItMayAndNoMore) {
  runner_.hold();
  open({.queue_size = 100, .threads = 3});
  for (int i = 0; i < 5; ++i) submit();
  runner_.wait_until_began(3);
  EXPECT_EQ(runner_.order().size(), 3U);
  runner_.let_go();
  runner_.wait_until_began();
  EXPECT_EQ(runner_.order().size(), 4U);
}

TEST_F(SchedulerTest, AFullQueueRejectsWhereThatIsAskedFor) {
  open_busy({.queue_size = 2, .when_full = WhenFull::kReject});
  submit();
  submit();
  EXPECT_ERROR(submit(), QueueFullError, HasSubstr("2 jobs wait"), HasSubstr(kWhere));
  runner_.let_go();
  runner_.wait_until_began();
  EXPECT_EQ(submit()->id, 4U) << "one that was rejected has no id";
}

TEST_F(SchedulerTest, AFullQueueBlocksUntilThereIsRoom) {
  open_busy({.queue_size = 1});
  submit();
  auto blocked = std::async(std::launch::async, [&] { return submit()->id; });
  runner_.let_go();
  EXPECT_EQ(blocked.get(), 3U);
}

TEST_F(SchedulerTest, ABlockedSubmissionEndsWithItsDeadline) {
  open_busy({.queue_size = 1});
  submit();
  auto blocked = std::async(std::launch::async, [&] { return submit_until(1h)->id; });
  // It is in the past as soon as the submission has read the clock, whenever that is.
  while (blocked.wait_for(0s) != std::future_status::ready) {
    clock_.advance(2h);
    std::this_thread::yield();
  }
  EXPECT_THROW(blocked.get(), DeadlineExceededError);
}

TEST_F(SchedulerTest, ABlockedSubmissionEndsWithItsStopToken) {
  open_busy({.queue_size = 1});
  submit();
  std::stop_source source;
  auto blocked = std::async(std::launch::async, [&] {
    const JobPtr job = make_job();
    job->stop_token = source.get_token();
    scheduler_->submit(job);
  });
  source.request_stop();
  EXPECT_THROW(blocked.get(), CancelledError);
}

TEST_F(SchedulerTest, ABlockedSubmissionEndsWithTheClose) {
  open_busy({.queue_size = 1});
  submit();
  auto blocked = std::async(std::launch::async, [&] { submit(); });
  EXPECT_FALSE(scheduler_->close(CloseMode::kDrain, clock_.now()));
  EXPECT_THROW(blocked.get(), InvalidStateError);
}

TEST_F(SchedulerTest, AJobCancelledInTheQueueNeverRuns) {
  open_busy();
  const JobPtr job = submit();
  const JobPtr after = submit();
  EXPECT_TRUE(Job(job).cancel());
  EXPECT_TRUE(Job(job).cancel()) << "again";
  EXPECT_TRUE(Job(job).done());
  EXPECT_ERROR(Job(job).wait(), CancelledError, HasSubstr("before it began"), HasSubstr(kWhere));
  runner_.let_all_go();
  Job(after).wait();
  EXPECT_THAT(runner_.order(), ElementsAre(1, 3));
}

TEST_F(SchedulerTest, AStopTokenCancelsAJobInTheQueue) {
  open_busy();
  std::stop_source source;
  const JobPtr job = make_job();
  job->stop_token = source.get_token();
  scheduler_->submit(job);
  source.request_stop();
  EXPECT_THROW(Job(job).wait(), CancelledError);
}

TEST_F(SchedulerTest, AJobWhoseTokenHasStoppedAlreadyNeverRuns) {
  open();
  std::stop_source source;
  source.request_stop();
  const JobPtr job = make_job();
  job->stop_token = source.get_token();
  scheduler_->submit(job);
  EXPECT_THROW(Job(job).wait(), CancelledError);
  EXPECT_TRUE(runner_.groups().empty());
}

TEST_F(SchedulerTest, AJobEndsInTheQueueWhenItsDeadlinePasses) {
  open_busy();
  const JobPtr late = submit_until(1h);
  const JobPtr later = submit_until(3h);
  clock_.advance(2h);
  EXPECT_ERROR(Job(late).wait(), DeadlineExceededError, HasSubstr("before the run began"));
  EXPECT_FALSE(Job(late).cancel());
  EXPECT_FALSE(Job(later).done());
  runner_.let_all_go();
  Job(later).wait();
  EXPECT_THAT(runner_.order(), ElementsAre(1, 3));
}

TEST_F(SchedulerTest, ADeadlineThatHasPassedAlreadyNeverRuns) {
  open();
  EXPECT_THROW(Job(submit_until(-1ns)).wait(), DeadlineExceededError);
  EXPECT_THROW(Job(submit_until(0ns)).wait(), DeadlineExceededError);
  EXPECT_TRUE(runner_.groups().empty());
}

TEST_F(SchedulerTest, ACallbackOfAJobThatNeverBeganIsCalledWhileAllThreadsRun) {
  open_busy();
  std::promise<std::string> told;
  const auto callback = [&](const Job& job) {
    EXPECT_TRUE(job.done());
    try {
      job.outputs();
    } catch (const XpuRuntimeError& error) {
      told.set_value(error.name());
    }
  };
  submit_until(1h, callback);
  clock_.advance(2h);
  EXPECT_EQ(told.get_future().get(), "DeadlineExceededError");
  told = {};
  const JobPtr job = submit(0, callback);
  Job(job).cancel();
  EXPECT_EQ(told.get_future().get(), "CancelledError");
}

TEST_F(SchedulerTest, WaitGivesUpWhenItsTimeoutPassesAndTheJobGoesOn) {
  open_busy();
  const JobPtr job = submit();
  EXPECT_ERROR(Job(job).wait(0ns), DeadlineExceededError, HasSubstr("job 2 is not done yet"));
  runner_.let_all_go();
  EXPECT_EQ(Job(job).wait(1h).size(), 0U);
}

TEST_F(SchedulerTest, OutputsOfAJobThatIsNotDoneAreAnError) {
  open_busy();
  const Job job(submit());
  EXPECT_THROW(job.outputs(), InvalidStateError);
  EXPECT_THROW(job.report(), InvalidStateError);
}

TEST_F(SchedulerTest, WaitReturnsAfterTheCallback) {
  open();
  std::atomic<bool> was_called{false};
  std::latch in_callback(1);
  std::latch go_on(1);
  const JobPtr job = submit(0, [&](const Job&) {
    in_callback.count_down();
    go_on.wait();
    was_called = true;
  });
  in_callback.wait();
  EXPECT_FALSE(Job(job).done());
  go_on.count_down();
  Job(job).wait();
  EXPECT_TRUE(was_called);
}

TEST_F(SchedulerTest, ACallbackThatThrowsFailsItsOwnJobOnly) {
  open();
  const JobPtr bad = submit(0, [](const Job&) { throw std::logic_error("mine"); });
  const JobPtr good = submit();
  EXPECT_THROW(Job(bad).wait(), std::logic_error);
  Job(good).wait();
}

TEST_F(SchedulerTest, AJobThatFailedKeepsItsErrorWhenItsCallbackThrows) {
  open_busy();
  const JobPtr bad = submit(0, [](const Job&) { throw std::logic_error("mine"); });
  Job(bad).cancel();
  EXPECT_THROW(Job(bad).wait(), CancelledError);
}

TEST_F(SchedulerTest, InsideACallbackASubmissionThatWouldBlockIsRejected) {
  open_busy({.queue_size = 1});
  std::promise<std::string> told;
  submit(0, [&](const Job& job) {
    try {
      submit();
      submit();
    } catch (const QueueFullError& error) {
      told.set_value(error.what());
    }
    EXPECT_THROW(job.wait(), InvalidStateError);
  });
  runner_.let_go(2);
  EXPECT_THAT(told.get_future().get(), HasSubstr("a callback must not wait for room"));
}

TEST_F(SchedulerTest, DrainsWhenItCloses) {
  open_busy();
  const JobPtr job = submit();
  auto closed = std::async(std::launch::async,
                           [&] { return scheduler_->close(CloseMode::kDrain, std::nullopt); });
  runner_.let_all_go();
  EXPECT_TRUE(closed.get());
  Job(job).outputs();
  EXPECT_ERROR(submit(), InvalidStateError, HasSubstr("closed"));
}

TEST_F(SchedulerTest, CancelsWhatWaitsWhenItClosesSo) {
  open_busy();
  const JobPtr job = submit();
  auto closed = std::async(std::launch::async,
                           [&] { return scheduler_->close(CloseMode::kCancel, std::nullopt); });
  EXPECT_THROW(Job(job).wait(), CancelledError);
  runner_.let_all_go();
  EXPECT_TRUE(closed.get());
  EXPECT_THAT(runner_.order(), ElementsAre(1));
}

TEST_F(SchedulerTest, AClosingThatTakesTooLongCanBeGoneOnWith) {
  open_busy();
  const JobPtr job = submit();
  auto closed = std::async(std::launch::async,
                           [&] { return scheduler_->close(CloseMode::kDrain, clock_.now() + 1h); });
  while (closed.wait_for(0s) != std::future_status::ready) {
    clock_.advance(2h);
    std::this_thread::yield();
  }
  EXPECT_FALSE(closed.get());
  EXPECT_FALSE(Job(job).done());
  runner_.let_all_go();
  EXPECT_TRUE(scheduler_->close(CloseMode::kCancel, std::nullopt));
}

TEST_F(SchedulerTest, KnowsJobsByIdUntilSomebodyTookWhatCameOfThem) {
  open({.queue_size = 2});
  const uint64_t id = submit()->id;  // and no handle is left
  scheduler_->close(CloseMode::kDrain, std::nullopt);
  Job(scheduler_->find(id)).wait();
  // The thread that ran it may look at it a little longer.
  while (scheduler_->find(id) != nullptr) std::this_thread::yield();
  EXPECT_EQ(scheduler_->find(77), nullptr);
}

TEST_F(SchedulerTest, KeepsNoMoreEndedJobsThanTheQueueHolds) {
  open({.queue_size = 2});
  for (int i = 0; i < 5; ++i) submit();
  scheduler_->close(CloseMode::kDrain, std::nullopt);
  EXPECT_EQ(scheduler_->find(3), nullptr);
  EXPECT_NE(scheduler_->find(4), nullptr);
  EXPECT_NE(scheduler_->find(5), nullptr);
}

TEST_F(SchedulerTest, JoinsWaitingJobsThatDifferInRowsOnly) {
  open_busy();
  runner_.rows = 4;
  const auto submit_rows = [&](int64_t rows, int64_t columns) {
    const JobPtr job = make_job();
    job->inputs = {Tensor(DType::kFloat32, {rows, columns})};
    job->rows = rows;
    scheduler_->submit(job);
    return job;
  };
  submit_rows(1, 2);                      // 2
  submit_rows(1, 3);                      // 3: another form
  submit_rows(2, 2);                      // 4
  submit_rows(2, 2);                      // 5: no room
  submit_rows(1, 2);                      // 6
  const JobPtr last = submit_rows(9, 2);  // 7: more than may be joined
  runner_.let_all_go();
  Job(last).wait();
  EXPECT_THAT(runner_.groups(), ElementsAre(ElementsAre(1), ElementsAre(2, 4, 6), ElementsAre(3),
                                            ElementsAre(5), ElementsAre(7)));
}

TEST_F(SchedulerTest, CancelsThatRaceWithRunsLeaveEachJobDoneOnce) {
  open({.queue_size = 100, .threads = 2});
  std::atomic<int> called{0};
  int cancelled = 0;
  int ran = 0;
  std::vector<JobPtr> jobs;
  for (int i = 0; i < 300; ++i) {
    jobs.push_back(submit(0, [&](const Job&) { ++called; }));
    if (i % 2 == 0) Job(jobs.back()).cancel();
  }
  for (const JobPtr& job : jobs) {
    try {
      Job(job).wait();
      ++ran;
    } catch (const CancelledError&) {
      ++cancelled;
    }
  }
  EXPECT_EQ(ran + cancelled, 300);
  EXPECT_EQ(called, 300);
  EXPECT_GE(ran, 150);
}

TEST_F(SchedulerTest, ManyThreadsSubmitAndWaitAtOnce) {
  open({.queue_size = 8, .threads = 3});
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 100; ++k) {
          Job(submit(k % 3)).wait();
          ++done;
        }
      });
    }
  }
  EXPECT_EQ(done, 800);
}

}  // namespace
}  // namespace xpuruntime
