// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/session_jobs.h"
#include "core/session_state.h"
#include "expect_error.h"
#include "fake_session.h"
#include "manual_clock.h"
#include "script_engine.h"
#include "tensors.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using namespace std::chrono_literals;
using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(RunAsyncTest, GivesTheOutputsOfARun) {
  const InferenceSession session = open_fake(kScale);
  const Job job = session.run_async({{"x", row(1, 2)}});
  EXPECT_EQ(job.id(), 1U);
  const NamedTensors outputs = job.wait();
  EXPECT_THAT(values_of(outputs.at("y")), ElementsAre(2, 4));
  EXPECT_TRUE(job.done());
  EXPECT_THAT(values_of(job.wait().at("y")), ElementsAre(2, 4)) << "as often as it is asked";
  EXPECT_THAT(values_of(job.outputs().at("y")), ElementsAre(2, 4));
}

TEST(RunAsyncTest, TakesInputsInOrder) {
  const InferenceSession session = open_fake(kTwo);
  const std::vector<Tensor> inputs{Tensor::from({1.0F, 2.0F}, {2}),
                                   Tensor::from({10.0F, 20.0F}, {2})};
  const NamedTensors outputs = session.run_async(inputs).wait();
  EXPECT_THAT(values_of(outputs.at("total")), ElementsAre(11, 22));
  EXPECT_THAT(values_of(outputs.at("twice")), ElementsAre(2, 4));
}

TEST(RunAsyncTest, BadInputsFailTheCall) {
  const InferenceSession session = open_fake(kScale);
  EXPECT_ERROR(session.run_async({{"z", row(1, 2)}}), InvalidArgumentError,
               HasSubstr("the model has no input 'z'"));
  EXPECT_ERROR(session.run_async({{"x", Tensor(DType::kInt8, {1, 2})}}), InvalidArgumentError,
               HasSubstr("input 'x': expected float32"), HasSubstr("(engine fake, model <bytes>)"));
  EXPECT_ERROR(session.run_async(NamedTensors()), InvalidArgumentError, HasSubstr("is missing"));
}

TEST(RunAsyncTest, InputsMayBeWrittenAtOnceUnlessThatIsGivenUp) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  Tensor copied = row(1, 2);
  Tensor held = row(1, 2);
  const Job copy = session.run_async({{"x", copied}});
  const Job hold = session.run_async({{"x", held}}, {.copy_inputs = false});
  copied.mutable_values<float>()[0] = 50;
  held.mutable_values<float>()[0] = 50;  // the memory is shared, so the run sees this
  gate.open();
  EXPECT_THAT(values_of(copy.wait()[0]), ElementsAre(2, 4));
  EXPECT_THAT(values_of(hold.wait()[0]), ElementsAre(100, 4));
  ASSERT_EQ(copy.report().copies.size(), 1U);
  EXPECT_EQ(copy.report().copies[0].what, "x");
  EXPECT_EQ(copy.report().bytes_copied(), 8U);
  EXPECT_EQ(hold.report().bytes_copied(), 0U);
}

TEST(RunAsyncTest, HoldsInputsUntilTheJobIsDone) {
  std::atomic<bool> released{false};
  float memory[2] = {1, 2};
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  std::optional<Job> job;
  job = session.run_async(
      {{"x", Tensor::wrap(memory, DType::kFloat32, {1, 2}, [&] { released = true; })}},
      {.copy_inputs = false});
  EXPECT_FALSE(released);
  gate.open();
  job->wait();
  EXPECT_TRUE(released);
}

TEST(RunAsyncTest, ReportsWhatTheJobDid) {
  const InferenceSession session = open_fake(kScale);
  RunReport report;
  const Job job = session.run_async({{"x", row(1, 2)}}, {.report = &report, .copy_inputs = false});
  job.wait();
  EXPECT_EQ(job.report().engine, "fake");
  EXPECT_GT(job.report().run_time.count(), 0);
  EXPECT_EQ(job.report().joined, 1U);
  EXPECT_EQ(report.engine, "fake");
  EXPECT_EQ(report.run_time, job.report().run_time);
}

TEST(RunAsyncTest, AnErrorOfTheRunIsTheJobs) {
  const InferenceSession session = open_fake(
      "fake\ninput x float32 1\noutput y float32 1\nfail engine native=7 \"broke\"\nend\n");
  const Job job = session.run_async({{"x", Tensor::from({1.0F}, {1})}});
  EXPECT_ERROR(job.wait(), EngineError, HasSubstr("broke"));
  EXPECT_ERROR(job.outputs(), EngineError, HasSubstr("broke"));
}

TEST(RunAsyncTest, CallsBackWithTheTensors) {
  const InferenceSession session = open_fake(kScale);
  std::vector<float> got;
  uint64_t id = 0;
  const Job job = session.run_async({{"x", row(1, 2)}}, {}, [&](const Job& done) {
    got = values_of(done.outputs()[0]);
    id = done.id();
  });
  job.wait();
  EXPECT_THAT(got, ElementsAre(2, 4));
  EXPECT_EQ(id, job.id());
}

TEST(RunAsyncTest, ARegisteredCallbackServesJobsThatHaveNone) {
  const InferenceSession session = open_fake(kScale);
  std::atomic<int> registered{0};
  std::atomic<int> own{0};
  session.register_callback([&](const Job&) { ++registered; });
  session.run_async({{"x", row(1, 2)}}).wait();
  session.run_async({{"x", row(1, 2)}}, {}, [&](const Job&) { ++own; }).wait();
  session.register_callback(nullptr);
  session.run_async({{"x", row(1, 2)}}).wait();
  EXPECT_EQ(registered, 1);
  EXPECT_EQ(own, 1);
}

TEST(RunAsyncTest, InsideACallbackWhatWaitsIsRefused) {
  InferenceSession session = open_fake(kScale);
  const InferenceSession other = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", row(1, 2));
  const Job job = session.run_async({{"x", row(1, 2)}}, {}, [&](const Job& done) {
    EXPECT_ERROR(session.run({{"x", row(1, 2)}}), InvalidStateError, HasSubstr("run_async"));
    EXPECT_THROW(session.run(binding), InvalidStateError);
    EXPECT_THROW(session.run_batch({{"x", row(1, 2)}}), InvalidStateError);
    EXPECT_THROW(session.wait(done.id()), InvalidStateError);
    EXPECT_THROW(done.wait(), InvalidStateError);
    EXPECT_THROW(done.wait(1h), InvalidStateError);
    EXPECT_THROW(session.close(), InvalidStateError);
    session.run_async({{"x", row(1, 2)}});
    EXPECT_THAT(values_of(other.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4));
    EXPECT_THAT(values_of(other.run_async({{"x", row(1, 2)}}).wait()[0]), ElementsAre(2, 4));
  });
  job.wait();
  EXPECT_THAT(values_of(session.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4)) << "afterwards";
}

TEST(RunAsyncTest, RunsOfOtherThreadsGoOnDuringACallback) {
  const InferenceSession session = open_fake(kScale, {.contexts = 1});
  std::latch in_callback(1);
  std::latch go_on(1);
  const Job job = session.run_async({{"x", row(1, 2)}}, {}, [&](const Job&) {
    in_callback.count_down();
    go_on.wait();
  });
  in_callback.wait();
  EXPECT_THAT(values_of(session.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4));
  go_on.count_down();
  job.wait();
}

TEST(RunAsyncTest, WaitsByIdEvenWhenNoJobIsLeft) {
  const InferenceSession session = open_fake(kScale);
  const uint64_t id = session.run_async({{"x", row(1, 2)}}).id();
  EXPECT_THAT(values_of(session.wait(id)[0]), ElementsAre(2, 4));
  const Job job = session.run_async({{"x", row(3, 4)}});
  EXPECT_THAT(values_of(session.wait(job.id(), 1h)[0]), ElementsAre(6, 8));
  EXPECT_THAT(values_of(session.wait(job.id())[0]), ElementsAre(6, 8));
  EXPECT_ERROR(session.wait(99), InvalidArgumentError, HasSubstr("job 99 is not known"));
}

TEST(RunAsyncTest, ToldHowLongToWaitForItSaysWhetherItIsDone) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  const Job job = session.run_async({{"x", row(1, 2)}});
  EXPECT_FALSE(job.done(0ns));
  EXPECT_FALSE(job.done(1ms));
  EXPECT_EQ(session.job(job.id()).id(), job.id());
  gate.open();
  EXPECT_TRUE(job.done(1h));
  EXPECT_ERROR(session.job(77), InvalidArgumentError, HasSubstr("job 77 is not known"));
}

TEST(RunAsyncTest, TellsWhenItIsDone) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  std::atomic<bool> called_back{false};
  const Job job = session.run_async({{"x", row(1, 2)}}, {}, [&](const Job& own) {
    EXPECT_THROW(own.done(0ns), InvalidStateError);
    called_back = true;
  });
  std::promise<bool> told;
  job.when_done([&] { told.set_value(called_back && job.done()); });
  gate.open();
  EXPECT_TRUE(told.get_future().get());
  bool at_once = false;
  job.when_done([&] { at_once = true; });
  EXPECT_TRUE(at_once);
}

TEST(RunAsyncTest, CancelsARunThatGoesOn) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  const Job job = session.run_async({{"x", row(1, 2)}});
  gate.wait_until_waiting(1);
  job.cancel();
  EXPECT_THROW(job.wait(), CancelledError);
  EXPECT_TRUE(job.cancel()) << "again";
  EXPECT_EQ(hooks().runs_now, 0);
}

TEST(RunAsyncTest, ACancelThatComesTooLateLeavesTheOutputs) {
  const InferenceSession session = open_fake(kScale);
  const Job job = session.run_async({{"x", row(1, 2)}});
  job.wait();
  EXPECT_FALSE(job.cancel());
  EXPECT_THAT(values_of(job.outputs()[0]), ElementsAre(2, 4));
}

TEST(RunAsyncTest, AStopTokenCancelsARunThatGoesOn) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  std::stop_source source;
  const Job job = session.run_async({{"x", row(1, 2)}}, {.stop_token = source.get_token()});
  gate.wait_until_waiting(1);
  source.request_stop();
  EXPECT_THROW(job.wait(), CancelledError);
}

/// A session whose time passes when the test says so.
std::shared_ptr<SessionState> open_with(ManualClock& clock, const char* engine,
                                        std::string_view program) {
  std::shared_ptr<SessionState> opened;
  SessionState::open(
      {{}, bytes_of(program), "", "<bytes>"}, {.engine = engine, .device = "cpu"},
      [&](const auto& state) { opened = state; }, clock);
  return opened;
}

TEST(RunAsyncTest, ATimeoutEndsARunThatGoesOn) {
  ManualClock clock;
  const auto session = open_with(clock, fake_engine(), kGatedScale);
  ClosedGate gate;
  const Job job = session->jobs->submit({row(1, 2)}, {.timeout = 1h}, nullptr);
  gate.wait_until_waiting(1);
  clock.advance(2h);
  EXPECT_ERROR(job.wait(), DeadlineExceededError, HasSubstr("before the run ended"));
}

TEST(RunAsyncTest, AnEngineThatHeedsOnlyCancelsIsCancelledWhenTheTimeIsUp) {
  // This one has no look at the deadline: it waits until it is told to stop.
  ManualClock clock;
  std::latch running(1);
  std::atomic<bool> stop{false};
  Script script{.model = one_to_one({1}, {1})};
  script.run = [&](const engine::RunArgs& args) {
    EXPECT_GT(args.deadline_ns(), clock.now().time_since_epoch().count());
    running.count_down();
    stop.wait(false);
    throw engine::Failure(XPURT_CANCELLED, "stopped");
  };
  script.cancel = [&](uint64_t) {
    stop = true;
    stop.notify_all();
  };
  const auto session = open_with(clock, script_engine(script), "script");
  const Job job = session->jobs->submit({Tensor::from({1.0F}, {1})}, {.timeout = 1h}, nullptr);
  running.wait();
  clock.advance(2h);
  EXPECT_ERROR(job.wait(), DeadlineExceededError, HasSubstr("before the run ended"));
}

TEST(RunAsyncTest, ACancelThatComesBeforeTheEngineKnowsTheRunIsSaidAgain) {
  // It passes over the first cancel, as one does that has not noted the run yet.
  std::atomic<int> cancels{0};
  std::latch running(1);
  Script script{.model = one_to_one({1}, {1})};
  script.run = [&](const engine::RunArgs&) {
    running.count_down();
    while (cancels < 2) cancels.wait(cancels);
    throw engine::Failure(XPURT_CANCELLED, "stopped");
  };
  script.cancel = [&](uint64_t) {
    ++cancels;
    cancels.notify_all();
  };
  const InferenceSession session = open_script(script);
  const std::vector<Tensor> inputs{Tensor::from({1.0F}, {1})};
  const Job job = session.run_async(inputs);
  running.wait();
  job.cancel();
  EXPECT_THROW(job.wait(), CancelledError);
}

TEST(RunAsyncTest, ARunThatEndsWellThoughCancelledGivesItsOutputs) {
  std::latch running(1);
  std::latch go_on(1);
  Script script{.model = one_to_one({1}, {1})};
  script.run = [&](const engine::RunArgs& args) {
    running.count_down();
    go_on.wait();
    fill_output(args, 0, {1}, 5);
  };
  const InferenceSession session = open_script(script);
  const Job job = session.run_async(std::vector<Tensor>{Tensor::from({1.0F}, {1})});
  running.wait();
  EXPECT_FALSE(job.cancel());
  go_on.count_down();
  EXPECT_THAT(values_of(job.wait()[0]), ElementsAre(5));
  EXPECT_FALSE(job.cancel());
}

TEST(RunAsyncTest, ALostModelFailsTheJobsThatWait) {
  const InferenceSession session = open_fake(
      "fake\ninput x float32 1\noutput y float32 1\nblock\nfail engine model_lost \"x\"\nend\n",
      {.contexts = 1});
  ClosedGate gate;
  const std::vector<Tensor> inputs{Tensor::from({1.0F}, {1})};
  const Job first = session.run_async(inputs);
  const Job second = session.run_async(inputs);
  gate.open();
  EXPECT_THROW(first.wait(), EngineError);
  EXPECT_THROW(second.wait(), InvalidStateError);
}

TEST(RunAsyncTest, NoContextIsMadeBeforeAJobNeedsIt) {
  const InferenceSession session = open_fake(kScale, {.contexts = 8});
  for (int i = 0; i < 20; ++i) session.run_async({{"x", row(1, 2)}}).wait();
  EXPECT_EQ(hooks().contexts, 1);
}

TEST(RunAsyncTest, WhereThereIsNoRoomForCopiesTheCallFails) {
  const InferenceSession session =
      open_fake("fake\ninput x float32 N\noutput y float32 N\ny = identity x\nend\n");
  static float memory[1];
  const Tensor vast = Tensor::wrap(memory, DType::kFloat32, {int64_t{1} << 44});
  EXPECT_THROW(session.run_async({{"x", vast}}), OutOfMemoryError);
}

TEST(RunAsyncTest, CloseDrains) {
  InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  std::vector<Job> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(session.run_async({{"x", row(1, 2)}}));
  gate.wait_until_waiting(1);
  std::jthread closing([&] { session.close(); });
  while (session.is_open()) std::this_thread::yield();
  EXPECT_THROW(session.run({{"x", row(1, 2)}}), InvalidStateError);
  gate.open();
  closing.join();
  for (const Job& job : jobs) EXPECT_THAT(values_of(job.outputs()[0]), ElementsAre(2, 4));
  EXPECT_THROW(session.run_async({{"x", row(1, 2)}}), InvalidStateError);
  EXPECT_EQ(hooks().models, 0);
}

TEST(RunAsyncTest, CloseCancels) {
  InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  std::vector<Job> jobs;
  for (int i = 0; i < 5; ++i) jobs.push_back(session.run_async({{"x", row(1, 2)}}));
  gate.wait_until_waiting(1);
  session.close(CloseMode::kCancel);
  for (const Job& job : jobs) EXPECT_THROW(job.outputs(), CancelledError);
}

TEST(RunAsyncTest, CloseGivesUpWhenItsTimeIsUpAndCanBeCalledAgain) {
  InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  const Job job = session.run_async({{"x", row(1, 2)}});
  gate.wait_until_waiting(1);
  EXPECT_THROW(session.close(CloseMode::kDrain, 0ns), DeadlineExceededError);
  EXPECT_FALSE(session.is_open());
  session.close(CloseMode::kCancel);
  EXPECT_THROW(job.outputs(), CancelledError);
}

TEST(RunAsyncTest, JobsOutliveTheSession) {
  std::optional<Job> job;
  {
    const InferenceSession session = open_fake(kScale);
    job = session.run_async({{"x", row(1, 2)}});
  }
  EXPECT_TRUE(job->done()) << "the session's end drains";
  EXPECT_THAT(values_of(job->wait()[0]), ElementsAre(2, 4));
  EXPECT_FALSE(job->cancel());
}

TEST(RunAsyncTest, TheLastToHoldASessionMayBeACallback) {
  for (int i = 0; i < 20; ++i) {
    auto session = std::make_shared<InferenceSession>(open_fake(kScale, {.contexts = 2}));
    std::promise<void> go_on;
    auto waiting = go_on.get_future().share();
    const Job first = session->run_async({{"x", row(1, 2)}}, {},
                                         [session, waiting](const Job&) { waiting.wait(); });
    const Job second = session->run_async({{"x", row(1, 2)}});
    session.reset();
    go_on.set_value();
    first.wait();
    try {
      second.wait();
    } catch (const CancelledError&) {
    }
  }
}

TEST(RunAsyncTest, ASessionMayEndInsideACallback) {
  auto session = std::make_unique<InferenceSession>(open_fake(kScale));
  std::latch submitted(1);
  const Job job = session->run_async({{"x", row(1, 2)}}, {}, [&](const Job&) {
    submitted.wait();
    session.reset();
  });
  submitted.count_down();
  EXPECT_THAT(values_of(job.wait()[0]), ElementsAre(2, 4));
  while (hooks().models != 0) std::this_thread::yield();
}

TEST(RunAsyncTest, ManyJobsOfManyThreadsAreAllRight) {
  const InferenceSession session = open_fake(kScale, {.contexts = 3, .queue_size = 16});
  std::atomic<int> right{0};
  std::atomic<int> called{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        std::vector<Job> jobs;
        for (int k = 0; k < 50; ++k) {
          const auto x = static_cast<float>(100 * i + k);
          jobs.push_back(session.run_async({{"x", row(x, -x)}}, {.priority = k % 2},
                                           [&](const Job&) { ++called; }));
        }
        for (int k = 0; k < 50; ++k) {
          const auto x = static_cast<float>(100 * i + k);
          if (values_of(jobs[static_cast<size_t>(k)].wait()[0]) == std::vector{2 * x, -2 * x}) {
            ++right;
          }
        }
      });
    }
  }
  EXPECT_EQ(right, 300);
  EXPECT_EQ(called, 300);
}

TEST(RunAsyncTest, RefusesAConfigurationWithoutAQueueOrABatch) {
  EXPECT_ERROR(open_fake(kScale, {.queue_size = 0}), InvalidArgumentError, HasSubstr("queue_size"));
  EXPECT_ERROR(open_fake(kScale, {.max_batch_size = 0}), InvalidArgumentError,
               HasSubstr("max_batch_size"));
}

}  // namespace
}  // namespace xpuruntime
