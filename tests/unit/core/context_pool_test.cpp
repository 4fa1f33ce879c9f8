// SPDX-License-Identifier: Apache-2.0
#include "core/context_pool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <latch>
#include <optional>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"

namespace xpuruntime {
namespace {

using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr int kThreads = 16;

/// Runs `body(i)` on each thread, all starting at once.
template <typename Body>
std::vector<std::jthread> start_threads(int count, Body body) {
  auto start = std::make_shared<std::latch>(count);
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([start, body, i] {
      start->arrive_and_wait();
      body(i);
    });
  }
  return threads;
}

void wait_until_asleep(pid_t thread) {
  const std::string path = "/proc/self/task/" + std::to_string(thread) + "/stat";
  for (char state = '?'; state != 'S'; std::this_thread::yield()) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    const size_t end = line.rfind(')');
    if (end != std::string::npos && end + 2 < line.size()) state = line[end + 2];
  }
}

TEST(ContextPoolTest, RunsReachItsLimitAndNeverExceedIt) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 4});
  EXPECT_EQ(session.report().contexts, 4U);
  ClosedGate gate;
  hooks().runs_most = 0;
  std::atomic<int> right{0};
  {
    const auto threads = start_threads(kThreads, [&](int i) {
      const auto x = static_cast<float>(i);
      if (values_of(session.run({{"x", row(x, -x)}})[0]) == std::vector{2 * x, -2 * x}) ++right;
    });
    gate.wait_until_waiting(4);
    EXPECT_EQ(hooks().runs_now, 4);
    gate.open();
  }
  EXPECT_EQ(right, kThreads);
  EXPECT_EQ(hooks().runs_most, 4);
  EXPECT_EQ(hooks().contexts, 4);
}

TEST(ContextPoolTest, AModelsParallelismBoundsIt) {
  const std::string program =
      "fake\nparallelism 2\ninput x float32 N 2\noutput y float32 N 2\n"
      "block\ny = scale x 2\nend\n";
  const InferenceSession session = open_fake(program, {.contexts = 8});
  EXPECT_EQ(session.report().contexts, 2U);
  ClosedGate gate;
  hooks().runs_most = 0;
  {
    const auto threads = start_threads(6, [&](int) { session.run({{"x", row(1, 2)}}); });
    gate.wait_until_waiting(2);
    gate.open();
  }
  EXPECT_EQ(hooks().runs_most, 2);
}

TEST(ContextPoolTest, MakesContextsOnlyWhenTheyAreNeeded) {
  const InferenceSession session = open_fake(kScale, {.contexts = 8});
  for (int i = 0; i < 10; ++i) session.run({{"x", row(1, 2)}});
  EXPECT_EQ(hooks().contexts, 1);
}

TEST(ContextPoolTest, TakesAnyNumberOfContextsAsItsLimit) {
  const InferenceSession session = open_fake(kScale, {.contexts = UINT32_MAX});
  EXPECT_EQ(session.report().contexts, UINT32_MAX);
  session.warm_up();
}

TEST(ContextPoolTest, ErrorsOfSomeRunsDoNotDisturbOthers) {
  const InferenceSession session = open_fake(kScale, {.contexts = 3});
  std::atomic<int> failed{0};
  std::atomic<int> right{0};
  start_threads(kThreads, [&](int i) {
    for (int k = 0; k < 25; ++k) {
      const auto x = static_cast<float>(i + k);
      if (i % 2 == 0) {
        if (values_of(session.run({{"x", row(x, 1)}})[0]) == std::vector{2 * x, 2.0F}) ++right;
        continue;
      }
      try {
        session.run({{"x", Tensor(DType::kInt8, {1, 2})}});
      } catch (const InvalidArgumentError&) {
        ++failed;
      }
    }
  }).clear();
  EXPECT_EQ(right, 8 * 25);
  EXPECT_EQ(failed, 8 * 25);
}

TEST(ContextPoolTest, ContextsThatAreLostAreReplacedUnderLoad) {
  const InferenceSession session = open_fake(
      "fake\ninput x float32 1\noutput y float32 1\nfail engine context_lost \"x\"\nend\n",
      {.contexts = 2});
  std::atomic<int> failed{0};
  start_threads(8, [&](int) {
    for (int k = 0; k < 20; ++k) {
      try {
        session.run(std::vector<Tensor>{Tensor::from({1.0F}, {1})});
      } catch (const EngineError&) {
        ++failed;
      }
    }
  }).clear();
  EXPECT_EQ(failed, 8 * 20);
  EXPECT_EQ(hooks().contexts, 0);
  EXPECT_EQ(hooks().streams, 0);
}

TEST(ContextPoolTest, WaitersLearnThatTheModelIsLost) {
  const InferenceSession session = open_fake(
      "fake\ninput x float32 1\noutput y float32 1\nblock\nfail engine model_lost \"x\"\nend\n",
      {.contexts = 1});
  ClosedGate gate;
  std::atomic<int> engine_errors{0};
  std::atomic<int> state_errors{0};
  {
    const auto threads = start_threads(4, [&](int) {
      try {
        session.warm_up();
      } catch (const EngineError&) {
        ++engine_errors;
      } catch (const InvalidStateError&) {
        ++state_errors;
      }
    });
    gate.wait_until_waiting(1);
    gate.open();
  }
  EXPECT_EQ(engine_errors, 1);
  EXPECT_EQ(state_errors, 3);
}

TEST(ContextPoolTest, CloseWaitsForTheRunsThatGoOn) {
  InferenceSession session = open_fake(kGatedScale, {.contexts = 2});
  ClosedGate gate;
  auto run = std::async(std::launch::async, [&] { return session.run({{"x", row(1, 2)}}); });
  gate.wait_until_waiting(1);
  std::atomic<bool> closed{false};
  std::jthread closing([&] {
    session.close();
    closed = true;
  });
  while (session.is_open()) std::this_thread::yield();
  EXPECT_THROW(session.run({{"x", row(1, 2)}}), InvalidStateError);
  EXPECT_FALSE(closed);
  EXPECT_EQ(hooks().models, 1);
  gate.open();
  EXPECT_THAT(values_of(run.get()[0]), ElementsAre(2, 4));
  closing.join();
  EXPECT_TRUE(closed);
  EXPECT_EQ(hooks().models, 0);
  EXPECT_EQ(hooks().contexts, 0);
}

TEST(ContextPoolTest, RunsThatWaitForAContextLearnOfTheClose) {
  InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  auto threads = start_threads(4, [&](int) {
    try {
      session.run({{"x", row(1, 2)}});
      ++done;
    } catch (const InvalidStateError&) {
      ++refused;
    }
  });
  gate.wait_until_waiting(1);
  std::jthread closing([&] { session.close(); });
  while (refused != 3) std::this_thread::yield();
  gate.open();
  threads.clear();
  EXPECT_EQ(done, 1);
}

TEST(ContextPoolTest, ManyMayCloseAtOnceWhileOthersRun) {
  InferenceSession session = open_fake(kScale, {.contexts = 2});
  std::atomic<int> left_open{0};
  start_threads(8, [&](int i) {
    if (i % 2 == 0) {
      session.close();
      if (hooks().models != 0) ++left_open;
      return;
    }
    try {
      while (true) session.run({{"x", row(1, 2)}});
    } catch (const InvalidStateError&) {
    }
  }).clear();
  EXPECT_EQ(left_open, 0);
}

TEST(ContextPoolTest, ARunThatWaitedSaysHowLong) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  auto first = std::async(std::launch::async, [&] { return session.run({{"x", row(1, 2)}}); });
  gate.wait_until_waiting(1);
  RunReport report;
  std::promise<pid_t> id;
  std::jthread second([&] {
    const Tensor x = row(1, 2);
    id.set_value(gettid());
    session.run({{"x", x}}, {.report = &report});
  });
  wait_until_asleep(id.get_future().get());
  const auto asleep = Clock::now();
  const auto opened = Clock::now();
  gate.open();
  second.join();
  first.get();
  EXPECT_GE(report.queue_time, opened - asleep);
  EXPECT_GT(report.queue_time.count(), 0);
}

/// One Context, whose first run waits until it is let go; what x was in those after it, in order.
class OneContext {
 public:
  /// `next`: what the first run's thread runs after it.
  explicit OneContext(std::optional<float> next = {}) {
    first_ = std::async(std::launch::async, [this, next] {
      run(0, {});
      if (next) run(*next, {});
    });
    begun_.wait();
  }

  void run(float x, const RunOptions& options) { session_.run({{"x", row(x)}}, options); }
  /// A run on a thread of its own, when it waits for the Context.
  std::jthread run_later(float x, int32_t priority) {
    std::promise<pid_t> id;
    std::jthread thread([&, x, priority] {
      const Tensor input = row(x);
      id.set_value(gettid());
      session_.run({{"x", input}}, {.priority = priority});
    });
    wait_until_asleep(id.get_future().get());
    return thread;
  }
  const InferenceSession& session() const { return session_; }
  void let_go() {
    go_on_.count_down();
    first_.get();
  }
  const std::vector<float>& seen() const { return seen_; }

 private:
  static Tensor row(float x) { return Tensor::from({x}, {1}); }

  void note(const engine::RunArgs& args) {
    const float x = *static_cast<const float*>(args.input(0).data);
    if (x == 0) {
      begun_.count_down();
      go_on_.wait();
    } else {
      seen_.push_back(x);  // one at a time: there is one Context
    }
    fill_output(args, 0, {1}, x);
  }

  std::latch begun_{1};
  std::latch go_on_{1};
  std::vector<float> seen_;
  const InferenceSession session_ =
      open_script({.model = one_to_one({1}, {1}), .run = [this](const auto& args) { note(args); }},
                  {.device = "intel_gpu", .contexts = 1});
  std::future<void> first_;
};

TEST(ContextPoolTest, GivesAContextToTheHighestPriorityFirst) {
  OneContext one;
  std::vector<std::jthread> threads;
  threads.push_back(one.run_later(1, 0));
  threads.push_back(one.run_later(2, -3));
  threads.push_back(one.run_later(3, 7));
  threads.push_back(one.run_later(4, 0));
  one.let_go();
  threads.clear();
  EXPECT_THAT(one.seen(), ElementsAre(3, 1, 4, 2));
}

TEST(ContextPoolTest, JobsWaitForAContextByTheirPriority) {
  OneContext one;
  std::jthread low = one.run_later(1, 0);
  const Tensor x = Tensor::from({2.0F}, {1});
  const Job job = one.session().run_async({{"x", x}}, {.priority = 1});
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    const auto thread = static_cast<pid_t>(std::stoi(task.path().filename().string()));
    if (thread != gettid()) wait_until_asleep(thread);  // so the one of the job waits too
  }
  std::jthread high = one.run_later(3, 2);
  one.let_go();
  job.wait();
  high.join();
  low.join();
  EXPECT_THAT(one.seen(), ElementsAre(3, 2, 1));
}

TEST(ContextPoolTest, NobodyOvertakesOneThatHasWaitedLong) {
  for (int i = 0; i < 20; ++i) {
    OneContext one(2);
    const std::jthread waiting = one.run_later(1, 0);
    std::this_thread::sleep_for(2 * WaitingLine::kPatience);
    one.let_go();
    EXPECT_THAT(one.seen(), ElementsAre(1, 2));
  }
}

/// One that comes may find the Context that one that goes has just given back, and not be next.
TEST(ContextPoolTest, NoContextIsForgottenWhereCallersComeAndGo) {
  constexpr int kRuns = 10000;
  const auto stay = [](std::chrono::microseconds time) {
    const auto end = Clock::now() + time;
    while (Clock::now() < end) {
    }
  };
  const auto run = [&](const engine::RunArgs& args) {
    stay(std::chrono::microseconds(5));
    fill_output(args, 0, {1}, 1);
  };
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {1}), .run = run}, {.contexts = 1});
  start_threads(4, [&](int i) {
    const Tensor x = Tensor::from({1.0F}, {1});
    for (int k = 0; k < kRuns; ++k) {
      session.run({{"x", x}});
      stay(std::chrono::microseconds(k * (i + 1) % 16));
    }
  });
  EXPECT_EQ(session.statistics().count, uint64_t{4} * kRuns);
}

TEST(ContextPoolTest, AThreadThatWaitsForAContextCanBeInterrupted) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  const Job job = session.run_async({{"x", row(1, 2)}});
  gate.wait_until_waiting(1);
  std::promise<std::thread::id> id;
  std::atomic<bool> has_ended{false};
  auto run = std::async(std::launch::async, [&] {
    id.set_value(std::this_thread::get_id());
    const auto end = [&](auto*) { has_ended = true; };
    const std::unique_ptr<std::atomic<bool>, decltype(end)> at_end(&has_ended, end);
    session.run({{"x", row(1, 2)}});
  });
  const std::thread::id thread = id.get_future().get();
  while (!has_ended) session.interrupt(thread);  // it may not wait yet
  EXPECT_ERROR(run.get(), CancelledError, HasSubstr("before it began"));
  EXPECT_FALSE(job.done());
  gate.open();
  job.wait();
}

}  // namespace
}  // namespace xpuruntime
