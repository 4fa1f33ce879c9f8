// SPDX-License-Identifier: Apache-2.0
// Synchronous runs with a timeout or a stop token.
#include "core/sync_run.h"

#include <gtest/gtest.h>

#include <future>
#include <stop_token>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "tensors.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SyncRunTest, ARunWithinItsTimeIsLikeAnyOther) {
  const InferenceSession session = open_fake(kScale);
  std::stop_source source;
  const RunOptions options{.timeout = 1h, .stop_token = source.get_token()};
  EXPECT_THAT(values_of(session.run({{"x", row(1, 2)}}, options)[0]), ElementsAre(2, 4));
  EXPECT_THAT(
      values_of(session.run({{"x", row(1, 2)}}, {.timeout = std::chrono::nanoseconds::max()})[0]),
      ElementsAre(2, 4));
}

TEST(SyncRunTest, ATimeoutThatHasPassedNeverRuns) {
  const InferenceSession session = open_fake(kScale);
  fake::hooks().runs = 0;
  EXPECT_ERROR(session.run({{"x", row(1, 2)}}, {.timeout = 0ns}), DeadlineExceededError,
               HasSubstr("before the run began (engine fake, model <bytes>)"));
  EXPECT_THROW(session.run({{"x", row(1, 2)}}, {.timeout = -1s}), DeadlineExceededError);
  EXPECT_EQ(fake::hooks().runs, 0);
}

TEST(SyncRunTest, ATokenThatHasStoppedNeverRuns) {
  const InferenceSession session = open_fake(kScale);
  fake::hooks().runs = 0;
  std::stop_source source;
  source.request_stop();
  EXPECT_ERROR(session.run({{"x", row(1, 2)}}, {.stop_token = source.get_token()}), CancelledError,
               HasSubstr("before it began"));
  EXPECT_EQ(fake::hooks().runs, 0);
}

TEST(SyncRunTest, ATimeoutEndsARun) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  EXPECT_THROW(session.run({{"x", row(1, 2)}}, {.timeout = 1ms}), DeadlineExceededError);
  gate.open();
  EXPECT_THAT(values_of(session.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4)) << "the next one";
}

TEST(SyncRunTest, ATimeoutEndsABoundRunAndTheNextOneHasNone) {
  const InferenceSession session = open_fake(kGatedScale);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", row(1, 2));
  ClosedGate gate;
  EXPECT_THROW(session.run(binding, {.timeout = 1ms}), DeadlineExceededError);
  auto run = std::async(std::launch::async, [&] { session.run(binding); });
  gate.wait_until_waiting(1);
  gate.open();
  run.get();
  EXPECT_THAT(values_of(binding.outputs()[0]), ElementsAre(2, 4));
}

TEST(SyncRunTest, AStopTokenEndsARun) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  std::stop_source source;
  auto run = std::async(std::launch::async, [&] {
    return session.run({{"x", row(1, 2)}}, {.stop_token = source.get_token()});
  });
  gate.wait_until_waiting(1);
  source.request_stop();
  EXPECT_THROW(run.get(), CancelledError);
}

TEST(SyncRunTest, ATimeoutEndsTheWaitForAContext) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  const Job job = session.run_async({{"x", row(1, 2)}});
  gate.wait_until_waiting(1);
  EXPECT_THROW(session.run({{"x", row(1, 2)}}, {.timeout = 1ms}), DeadlineExceededError);
  gate.open();
  job.wait();
}

TEST(SyncRunTest, AStopTokenEndsTheWaitForAContext) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1});
  ClosedGate gate;
  const Job job = session.run_async({{"x", row(1, 2)}});
  gate.wait_until_waiting(1);
  std::stop_source source;
  auto run = std::async(std::launch::async, [&] {
    return session.run({{"x", row(1, 2)}}, {.stop_token = source.get_token()});
  });
  source.request_stop();
  EXPECT_THROW(run.get(), CancelledError);
  gate.open();
  job.wait();
}

/// Interrupts the thread's run until it has ended.
template <typename Run>
void run_and_interrupt(const InferenceSession& session, ClosedGate& gate, Run&& body) {
  std::promise<std::thread::id> id;
  auto run = std::async(std::launch::async, [&] {
    id.set_value(std::this_thread::get_id());
    body();
  });
  const std::thread::id thread = id.get_future().get();
  gate.wait_until_waiting(1);
  session.interrupt(std::this_thread::get_id());  // has no run
  while (run.wait_for(0s) != std::future_status::ready) session.interrupt(thread);
  EXPECT_THROW(run.get(), CancelledError);
}

TEST(SyncRunTest, AnInterruptEndsARunThatAskedForNothing) {
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  run_and_interrupt(session, gate, [&] { session.run({{"x", row(1, 2)}}); });
  session.interrupt(std::this_thread::get_id());
  gate.open();
  EXPECT_THAT(values_of(session.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4)) << "the next one";
}

TEST(SyncRunTest, AnInterruptEndsABoundRun) {
  const InferenceSession session = open_fake(kGatedScale);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", row(1, 2));
  ClosedGate gate;
  run_and_interrupt(session, gate, [&] { session.run(binding); });
}

TEST(SyncRunTest, AnInterruptEndsNoRunOfAnotherThread) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 2});
  ClosedGate gate;
  auto other = std::async(std::launch::async, [&] { return session.run({{"x", row(1, 2)}}); });
  gate.wait_until_waiting(1);
  run_and_interrupt(session, gate, [&] { session.run({{"x", row(3, 4)}}); });
  gate.open();
  EXPECT_THAT(values_of(other.get()[0]), ElementsAre(2, 4));
}

}  // namespace
}  // namespace xpuruntime
