// SPDX-License-Identifier: Apache-2.0
#include "core/thread_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include "core/clock.h"
#include "core/thread_budget.h"
#include "script_engine.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using Permit = ThreadGate::Permit;

Tensor row(float value) { return Tensor::from({value}, {1}); }

/// A thread that asks for a permit, and holds it until it is told to let go.
class Caller {
 public:
  Caller(ThreadGate& gate, int32_t threads, const RunControl* control = nullptr,
         int32_t priority = 0)
      : thread_([this, &gate, threads, control, priority] {
          {
            const Permit permit(gate, threads, control, priority);
            was_interrupted_ = permit.was_interrupted();
            got_.count_down();
            release_.wait();
          }
          gone_.count_down();
        }) {}
  ~Caller() {
    if (!released_) release_.count_down();
  }

  bool has_it() const { return got_.try_wait(); }
  void wait() const { got_.wait(); }
  bool was_interrupted() const { return was_interrupted_; }  // once it has it
  std::thread::id id() const { return thread_.get_id(); }
  void let_go() {
    released_ = true;
    release_.count_down();
    gone_.wait();
  }

 private:
  bool released_ = false;
  bool was_interrupted_ = false;
  std::latch got_{1};
  std::latch release_{1};
  std::latch gone_{1};
  std::jthread thread_;
};

TEST(ThreadGateTest, LetsInWhatFits) {
  ThreadGate gate(3);
  Caller one(gate, 1);
  Caller two(gate, 2);
  one.wait();
  two.wait();
}

TEST(ThreadGateTest, LetsARunWithMoreThreadsThanTheBudgetRunAlone) {
  ThreadGate gate(2);
  Caller large(gate, 16);
  large.wait();
  Caller next(gate, 1);
  large.let_go();
  next.wait();
}

TEST(ThreadGateTest, NeverHasMoreThreadsInUseThanTheBudget) {
  constexpr int32_t kBudget = 4;
  constexpr int kRuns = 2000;
  ThreadGate gate(kBudget);
  std::atomic<int32_t> in_use{0};
  std::atomic<int32_t> most{0};
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> callers;
    for (const int32_t threads : {1, 2, 3, 4, 1, 2}) {
      callers.emplace_back([&, threads] {
        for (int i = 0; i < kRuns; ++i) {
          const Permit permit(gate, threads, nullptr);
          const int32_t now = in_use += threads;
          int32_t before = most;
          while (now > before && !most.compare_exchange_weak(before, now)) {
          }
          in_use -= threads;
          ++done;
        }
      });
    }
  }
  EXPECT_EQ(done, 6 * kRuns);
  EXPECT_LE(most, kBudget);
  EXPECT_EQ(in_use, 0);
}

TEST(ThreadGateTest, LetsThoseThatWaitInByOrder) {
  ThreadGate gate(1);
  std::optional<Caller> holder(std::in_place, gate, 1);
  holder->wait();
  Caller first(gate, 1);
  // The first is the first once it has reserved its place: a newcomer then stays out.
  while (!gate.is_reserved()) std::this_thread::yield();
  Caller second(gate, 1);
  holder->let_go();
  first.wait();
  EXPECT_FALSE(second.has_it());
  first.let_go();
  second.wait();
}

TEST(ThreadGateTest, LetsNobodyOvertakeOneThatHasWaitedLong) {
  ThreadGate gate(2);
  std::optional<Caller> holder(std::in_place, gate, 1);
  holder->wait();
  Caller large(gate, 2);
  while (!gate.is_reserved()) std::this_thread::yield();
  Caller small(gate, 1);  // would fit
  holder->let_go();
  large.wait();
  EXPECT_FALSE(small.has_it());
  large.let_go();
  small.wait();
}

TEST(ThreadGateTest, LetsGoOfACallerThatIsToldToStop) {
  ThreadGate gate(1);
  Timer timer(Clock::steady());
  const auto control = std::make_shared<RunControl>(1, timer);
  Caller holder(gate, 1);
  holder.wait();
  Caller waiting(gate, 1, control.get());
  while (!gate.is_reserved()) std::this_thread::yield();
  Caller behind(gate, 1);
  control->stop(StopReason::kCancelled);
  gate.wake_all();  // as stop() does with the process's gate
  waiting.wait();
  EXPECT_FALSE(behind.has_it());
  holder.let_go();
  behind.wait();
}

void wait_for_waiting(const ThreadGate& gate, size_t count) {
  while (gate.waiting_count() < count) std::this_thread::yield();
}

TEST(ThreadGateTest, LetsTheHighestPriorityInFirst) {
  ThreadGate gate(1);
  Caller holder(gate, 1);
  holder.wait();
  Caller normal(gate, 1);
  wait_for_waiting(gate, 1);
  Caller low(gate, 1, nullptr, -1);
  wait_for_waiting(gate, 2);
  Caller high(gate, 1, nullptr, 1);
  wait_for_waiting(gate, 3);
  holder.let_go();
  high.wait();
  EXPECT_FALSE(normal.has_it());
  high.let_go();
  normal.wait();
  EXPECT_FALSE(low.has_it());
  normal.let_go();
  low.wait();
}

TEST(ThreadGateTest, LetsNobodyOvertakeOneOfAHigherPriority) {
  ThreadGate gate(2);
  Caller holder(gate, 1);
  holder.wait();
  Caller large(gate, 2, nullptr, 1);
  while (!gate.is_reserved()) std::this_thread::yield();
  Caller small(gate, 1);  // would fit
  wait_for_waiting(gate, 2);
  EXPECT_FALSE(small.has_it());
  holder.let_go();
  large.wait();
  EXPECT_FALSE(small.has_it());
  large.let_go();
  small.wait();
}

TEST(ThreadGateTest, LetsAHigherPriorityOvertakeOneThatHasWaitedLong) {
  ThreadGate gate(2);
  Caller holder(gate, 1);
  holder.wait();
  Caller large(gate, 2);
  while (!gate.is_reserved()) std::this_thread::yield();
  Caller high(gate, 1, nullptr, 1);
  high.wait();
  EXPECT_FALSE(large.has_it());
  high.let_go();
  holder.let_go();
  large.wait();
}

TEST(ThreadGateTest, ALowPriorityOvertakesNobody) {
  ThreadGate gate(2);
  Caller holder(gate, 1);
  holder.wait();
  Caller large(gate, 2);
  wait_for_waiting(gate, 1);
  Caller low(gate, 1, nullptr, -1);  // would fit
  wait_for_waiting(gate, 2);
  EXPECT_FALSE(low.has_it());
  holder.let_go();
  large.wait();
  large.let_go();
  low.wait();
}

TEST(ThreadGateTest, LetsGoOfAThreadThatIsInterrupted) {
  ThreadGate gate(1);
  Caller holder(gate, 1);
  holder.wait();
  Caller waiting(gate, 1);
  Caller behind(gate, 1);
  wait_for_waiting(gate, 2);
  gate.interrupt(std::this_thread::get_id());  // waits for nothing
  gate.interrupt(waiting.id());
  waiting.wait();
  EXPECT_TRUE(waiting.was_interrupted());
  EXPECT_FALSE(behind.has_it());
  holder.let_go();
  behind.wait();
  EXPECT_FALSE(behind.was_interrupted());
}

TEST(ThreadGateTest, AsksNothingOfARunOnAnotherDevice) {
  ThreadGate gate(1);
  Caller holder(gate, 1);
  holder.wait();
  const Permit none(gate, 0, nullptr);
}

TEST(ThreadGateTest, LetsARunInsideAnotherOneIn) {
  ThreadGate gate(1);
  std::optional<Permit> outer(std::in_place, gate, 1, nullptr);
  {
    const Permit inner(gate, 1, nullptr);
  }
  Caller next(gate, 1);
  while (!gate.is_reserved()) std::this_thread::yield();
  EXPECT_FALSE(next.has_it());  // the inner one gave nothing back
  outer.reset();
  next.wait();
}

/// A session whose first run, of a length not known yet, asks for all of the process's budget.
InferenceSession open_wide() {
  return open_script({.model = one_to_one({1}, {1}),
                      .run = [](const engine::RunArgs& args) { fill_output(args, 0, {1}, 1); }},
                     {.threads = thread_budget()});
}

TEST(ThreadGateTest, ARunWaitsForThreadsAndSaysSo) {
  const InferenceSession session = open_wide();
  RunReport report;
  std::optional<Permit> all(std::in_place, ThreadGate::instance(), thread_budget(), nullptr);
  const Job job = session.run_async({{"x", row(1)}}, {.report = &report});
  while (!ThreadGate::instance().is_reserved()) std::this_thread::yield();
  EXPECT_FALSE(job.done());
  all.reset();
  job.wait();
  EXPECT_GE(report.queue_time, WaitingLine::kPatience);
}

TEST(ThreadGateTest, AnElasticRunNeedsOneThread) {
  engine::ModelSpec model = one_to_one({1}, {1});
  model.threads = thread_budget();
  model.flags = XPURT_MODEL_ELASTIC;
  const InferenceSession session =
      open_script({.model = model, .run = [](const engine::RunArgs& args) {
                     std::this_thread::sleep_for(std::chrono::microseconds(200));  // it has to ask
                     fill_output(args, 0, {1}, 1);
                   }});
  ASSERT_GT(thread_budget(), 1);
  std::optional<Permit> others(std::in_place, ThreadGate::instance(), thread_budget() - 1, nullptr);
  session.run({{"x", row(1)}});
  others.reset();
  others.emplace(ThreadGate::instance(), thread_budget(), nullptr);
  const Job job = session.run_async({{"x", row(1)}});
  while (!ThreadGate::instance().is_reserved()) std::this_thread::yield();
  EXPECT_FALSE(job.done());
  others.reset();
  job.wait();
}

TEST(ThreadGateTest, ARunThatWaitsForThreadsCanBeStopped) {
  const InferenceSession session = open_wide();
  const Permit all(ThreadGate::instance(), thread_budget(), nullptr);
  Job cancelled = session.run_async({{"x", row(1)}});
  while (!ThreadGate::instance().is_reserved()) std::this_thread::yield();
  cancelled.cancel();
  EXPECT_THROW(cancelled.wait(), CancelledError);
  Job late = session.run_async({{"x", row(1)}}, {.timeout = std::chrono::milliseconds(2)});
  EXPECT_THROW(late.wait(), DeadlineExceededError);
}

TEST(ThreadGateTest, ARunThatWaitsForThreadsCanBeInterrupted) {
  const InferenceSession session = open_wide();
  const Permit all(ThreadGate::instance(), thread_budget(), nullptr);
  std::promise<std::thread::id> id;
  auto run = std::async(std::launch::async, [&] {
    id.set_value(std::this_thread::get_id());
    session.run({{"x", row(1)}});
  });
  const std::thread::id thread = id.get_future().get();
  wait_for_waiting(ThreadGate::instance(), 1);
  session.interrupt(thread);
  EXPECT_THROW(run.get(), CancelledError);
}

TEST(ThreadGateTest, ARunThatIsKnownToBeShortAsksNobody) {
  const InferenceSession session = open_wide();
  RunReport report;
  do {
    session.run({{"x", row(1)}}, {.report = &report});
  } while (report.run_time >= std::chrono::microseconds(100));
  Caller all(ThreadGate::instance(), thread_budget());
  all.wait();
  session.run({{"x", row(1)}});
}

}  // namespace
}  // namespace xpuruntime
