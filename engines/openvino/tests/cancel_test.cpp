// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support.h"

namespace xpuruntime::openvino {
namespace {

using conformance::Context;
using conformance::RunCall;

constexpr int64_t kLong = 1024;  ///< rows: 256 products of such squares take many seconds
constexpr int64_t kShort = 2;

std::vector<Tensor> square(int64_t size) { return {Tensor(XPURT_FLOAT, {size, size})}; }

/// Cancels one long run, from the moment that it begins.
Outcome run_cancelled(const Context& context) {
  const auto inputs = square(kLong);
  Sink sink(1);
  RunCall call(inputs, sink, 1);
  Outcome outcome;
  std::atomic<bool> has_ended = false;
  std::thread runner([&] {
    outcome = context.run(call);
    has_ended = true;
  });
  // It may not have begun yet, and cancelling what does not run does nothing.
  while (!has_ended) {
    context.cancel(call.id());
    std::this_thread::yield();
  }
  runner.join();
  context.cancel(call.id());  // too late, for it and for the next
  return outcome;
}

/// With one thread runs go another way through OpenVINO than with more.
class CancelTest : public testing::TestWithParam<int32_t> {
 protected:
  conformance::Model load() const {
    LoadOptions options;
    options.threads = GetParam();
    return plugin().load(own_model("chain.onnx"), options);
  }
};

TEST_P(CancelTest, EndsTheRunAndNotTheNext) {
  const auto model = load();
  const auto context = model.context();
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(run_cancelled(context).code, XPURT_CANCELLED);
    Sink next(1);
    const Outcome outcome = context.run(square(kShort), next, 1);
    EXPECT_TRUE(outcome.ok()) << outcome.text;
  }
}

TEST_P(CancelTest, LateCancelsHitNoOtherRun) {
  const auto model = load();
  const auto context = model.context();
  std::atomic<uint64_t> last_id = 0;
  std::atomic<bool> is_over = false;
  std::thread canceller([&] {
    while (!is_over) context.cancel(last_id);
  });
  for (int run = 0; run < 300; ++run) {
    Sink sink(1);
    const auto inputs = square(kShort);
    RunCall call(inputs, sink, 1);
    const Outcome outcome = context.run(call);
    EXPECT_TRUE(outcome.ok()) << outcome.text;
    last_id = call.id();
  }
  is_over = true;
  canceller.join();
}

TEST_P(CancelTest, CancelsTheRunOfThatContextAlone) {
  const auto model = load();
  const auto cancelled = model.context();
  const auto other = model.context();
  EXPECT_EQ(run_cancelled(cancelled).code, XPURT_CANCELLED);
  Sink sink(1);
  EXPECT_TRUE(other.run(square(kShort), sink, 1).ok());
}

INSTANTIATE_TEST_SUITE_P(Threads, CancelTest, testing::Values(1, 2));

}  // namespace
}  // namespace xpuruntime::openvino
