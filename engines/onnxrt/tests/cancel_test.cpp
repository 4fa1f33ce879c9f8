// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support.h"

namespace xpuruntime::onnxrt {
namespace {

using conformance::RunCall;
using conformance::Sink;

std::vector<Tensor> loop_inputs(int64_t trips) {
  return {floats({0}), Tensor::of<int64_t>({}, {trips})};
}

constexpr int64_t kForEver = INT64_MAX;

TEST(CancelTest, EndsTheRunAndNotTheNext) {
  const auto model = plugin().load(own_model("loop"));
  const auto context = model.context();
  for (int round = 0; round < 3; ++round) {
    Sink sink(1);
    const auto inputs = loop_inputs(kForEver);
    RunCall call(inputs, sink, 1);
    Outcome outcome;
    std::atomic<bool> has_ended = false;
    std::thread runner([&] {
      outcome = context.run(call);
      has_ended = true;
    });
    // It may not have begun yet, and cancelling what does not run does nothing.
    while (!has_ended) context.cancel(call.id());
    runner.join();
    EXPECT_EQ(outcome.code, XPURT_CANCELLED) << outcome.text;

    context.cancel(call.id());  // too late, for it and for the next
    Sink next(1);
    ASSERT_TRUE(context.run(loop_inputs(5), next, 1).ok());
    EXPECT_EQ(values_of(next.copy(0)), std::vector<float>{5});
  }
}

TEST(CancelTest, LateCancelsHitNoOtherRun) {
  const auto model = plugin().load(own_model("loop"));
  const auto context = model.context();
  std::atomic<uint64_t> last_id = 0;
  std::atomic<bool> is_over = false;
  std::thread canceller([&] {
    while (!is_over) context.cancel(last_id);
  });
  for (int run = 0; run < 3000; ++run) {
    Sink sink(1);
    const auto inputs = loop_inputs(3);
    RunCall call(inputs, sink, 1);
    const Outcome outcome = context.run(call);
    ASSERT_TRUE(outcome.ok()) << outcome.text;
    last_id = call.id();
  }
  is_over = true;
  canceller.join();
}

TEST(CancelTest, CancelsTheRunOfThatContextAlone) {
  const auto model = plugin().load(own_model("loop"));
  const auto cancelled = model.context();
  const auto other = model.context();
  Sink sink(1);
  const auto inputs = loop_inputs(kForEver);
  RunCall call(inputs, sink, 1);
  Outcome outcome;
  std::atomic<bool> has_ended = false;
  std::thread runner([&] {
    outcome = cancelled.run(call);
    has_ended = true;
  });
  while (!has_ended) {
    other.cancel(call.id());
    cancelled.cancel(call.id());
    Sink own(1);
    EXPECT_TRUE(other.run(loop_inputs(2), own, 1).ok());
  }
  runner.join();
  EXPECT_EQ(outcome.code, XPURT_CANCELLED);
}

}  // namespace
}  // namespace xpuruntime::onnxrt
