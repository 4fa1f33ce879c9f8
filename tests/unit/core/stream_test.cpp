// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// Inputs x = [[i, -i]] for i from 0 up to `count`.
NextInput count_to(int count, int* taken = nullptr) {
  return [count, taken, i = 0]() mutable -> std::optional<NamedTensors> {
    if (i == count) return std::nullopt;
    if (taken != nullptr) ++*taken;
    const auto x = static_cast<float>(i++);
    return NamedTensors{{"x", Tensor::from({x, -x}, {1, 2})}};
  };
}

float first_of(const NamedTensors& outputs) { return outputs[0].values<float>()[0]; }

TEST(StreamTest, GivesResultsInOrder) {
  const InferenceSession session = open_fake(kScale, {.contexts = 3});
  RunStream stream = session.stream(count_to(100));
  float next = 0;
  while (const auto outputs = stream.next()) {
    EXPECT_EQ(first_of(*outputs), next);
    next += 2;
  }
  EXPECT_EQ(next, 200);
  EXPECT_FALSE(stream.next()) << "and that is the end";
}

TEST(StreamTest, TakesNoMoreInputsThanMayBeInFlight) {
  const InferenceSession session = open_fake(kScale, {.contexts = 2});
  int taken = 0;
  RunStream stream = session.stream(count_to(100, &taken), 3);
  stream.next();
  EXPECT_EQ(taken, 3);
  stream.next();
  EXPECT_EQ(taken, 4);
}

TEST(StreamTest, SaysWhetherItWouldWait) {
  using namespace std::chrono_literals;
  const InferenceSession session = open_fake(kGatedScale);
  ClosedGate gate;
  int taken = 0;
  RunStream stream = session.stream(count_to(1, &taken));
  EXPECT_FALSE(stream.ready(0ns));
  EXPECT_EQ(taken, 1);
  gate.open();
  EXPECT_TRUE(stream.ready(1h));
  EXPECT_TRUE(stream.next());
  EXPECT_TRUE(stream.ready(0ns)) << "the end";
  EXPECT_FALSE(stream.next());
}

TEST(StreamTest, MemoryStaysBounded) {
  const InferenceSession session = open_fake(kScale, {.contexts = 2});
  RunStream stream = session.stream(count_to(500), 4);
  while (stream.next()) {
  }
  // An input copied and an output of twice the bytes each, and no more than that.
  EXPECT_LE(session.memory().statistics().peak_in_use_bytes, 5U * (8 + 16));
}

TEST(StreamTest, ARunThatFailsFailsAtItsPlaceOnly) {
  const InferenceSession session = open_fake(kScale);
  RunStream stream = session.stream([i = 0]() mutable -> std::optional<NamedTensors> {
    if (i == 3) return std::nullopt;
    if (i++ == 1) return NamedTensors{{"x", Tensor(DType::kInt8, {1, 2})}};
    return NamedTensors{{"x", Tensor::from({1.0F, 2.0F}, {1, 2})}};
  });
  EXPECT_TRUE(stream.next());
  EXPECT_THROW(stream.next(), InvalidArgumentError);
  EXPECT_TRUE(stream.next());
  EXPECT_FALSE(stream.next());
}

TEST(StreamTest, AnInputThatCannotBeTakenEndsItAfterTheResultsBefore) {
  const InferenceSession session = open_fake(kScale);
  RunStream stream = session.stream([i = 0]() mutable -> std::optional<NamedTensors> {
    if (i++ == 2) throw std::runtime_error("the camera is gone");
    return NamedTensors{{"x", Tensor::from({1.0F, 2.0F}, {1, 2})}};
  });
  EXPECT_TRUE(stream.next());
  EXPECT_TRUE(stream.next());
  EXPECT_THROW(stream.next(), std::runtime_error);
  EXPECT_FALSE(stream.next());
}

TEST(StreamTest, AQueueThatRejectsOnlySlowsItDown) {
  const InferenceSession session =
      open_fake(kScale, {.contexts = 1, .queue_size = 1, .when_full = WhenFull::kReject});
  RunStream stream = session.stream(count_to(200), 8);
  float next = 0;
  while (const auto outputs = stream.next()) {
    EXPECT_EQ(first_of(*outputs), next);
    next += 2;
  }
  EXPECT_EQ(next, 400);
}

TEST(StreamTest, ItsEndCancelsWhatNobodyTook) {
  std::atomic<int> runs{0};
  std::atomic<bool> stop{false};
  Script script{.model = one_to_one({1, 2}, {1})};
  script.run = [&](const engine::RunArgs& args) {
    if (++runs == 1) return fill_output(args, 0, {1}, 7);
    stop.wait(false);
    throw engine::Failure(XPURT_CANCELLED, "stopped");
  };
  script.cancel = [&](uint64_t) {
    stop = true;
    stop.notify_all();
  };
  const InferenceSession session = open_script(script, {.contexts = 1});
  std::latch cancelled(3);
  {
    RunStream stream = session.stream(count_to(100), 4);
    session.register_callback([&](const Job& job) {
      if (job.id() == 1) return;
      EXPECT_THROW(job.outputs(), CancelledError);
      cancelled.count_down();
    });
    EXPECT_EQ(first_of(*stream.next()), 7);
  }
  cancelled.wait();
  session.register_callback(nullptr);
}

TEST(StreamTest, MayBeMovedAndOutliveTheSession) {
  auto session = std::make_unique<InferenceSession>(open_fake(kScale));
  RunStream stream = session->stream(count_to(10), 2);
  RunStream moved = std::move(stream);
  EXPECT_TRUE(moved.next());
  session.reset();
  EXPECT_EQ(first_of(*moved.next()), 2) << "it was in flight";
  EXPECT_THROW(moved.next(), InvalidStateError);
}

}  // namespace
}  // namespace xpuruntime
