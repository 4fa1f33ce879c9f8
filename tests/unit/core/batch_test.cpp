// SPDX-License-Identifier: Apache-2.0
// Items joined along the first dimension: run_batch(), and jobs that wait.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <stop_token>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "tensors.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using namespace std::chrono_literals;
using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// `rows` rows of 2, counted from `first`.
Tensor rows_from(float first, int64_t rows) {
  Tensor tensor(DType::kFloat32, {rows, 2});
  for (float& value : tensor.mutable_values<float>()) value = first++;
  return tensor;
}

std::vector<NamedTensors> items_of(const std::vector<int64_t>& rows) {
  std::vector<NamedTensors> items;
  float first = 0;
  for (const int64_t count : rows) {
    items.push_back({{"x", rows_from(first, count)}});
    first += 10;
  }
  return items;
}

/// Are the results those of one run an item?
void expect_as_one_by_one(const InferenceSession& session, const std::vector<NamedTensors>& items,
                          const std::vector<BatchResult>& results) {
  ASSERT_EQ(results.size(), items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    const NamedTensors alone = session.run(items[i]);
    ASSERT_EQ(results[i].get().size(), alone.size());
    EXPECT_EQ(results[i].get()[0].shape(), alone[0].shape());
    EXPECT_EQ(values_of(results[i].get()[0]), values_of(alone[0]));
  }
}

TEST(BatchTest, JoinsItemsIntoAsFewRunsAsItMay) {
  const InferenceSession session = open_fake(kScale, {.max_batch_size = 4});
  const auto items = items_of({1, 1, 1, 1, 1, 1});
  hooks().runs = 0;
  const auto results = session.run_batch(items);
  EXPECT_EQ(hooks().runs, 2);
  expect_as_one_by_one(session, items, results);
  EXPECT_EQ(results[0].report.joined, 4U);
  EXPECT_EQ(results[5].report.joined, 2U);
  EXPECT_EQ(results[0].report.bytes_copied(), 32U) << "of the run that it was in";
  EXPECT_TRUE(results[0].outputs[0].data() != nullptr);
  EXPECT_EQ(static_cast<const std::byte*>(results[0].outputs[0].data()) + 8,
            results[1].outputs[0].data())
      << "slices of one output, not copies";
}

TEST(BatchTest, ItemsMayHaveSeveralRows) {
  const InferenceSession session = open_fake(kScale, {.max_batch_size = 4});
  const auto items = items_of({2, 3, 1, 9, 1});
  hooks().runs = 0;
  const auto results = session.run_batch(items);
  EXPECT_EQ(hooks().runs, 3) << "2+1+1, 3, 9";
  expect_as_one_by_one(session, items, results);
}

TEST(BatchTest, TakesInputsInOrder) {
  const InferenceSession session = open_fake(kScale, {.max_batch_size = 4});
  const std::vector<std::vector<Tensor>> items{{rows_from(1, 1)}, {rows_from(5, 1)}};
  const auto results = session.run_batch(items);
  EXPECT_THAT(values_of(results[1].get().at("y")), ElementsAre(10, 12));
}

TEST(BatchTest, TakesOneTensorOfManyItemsAndCopiesNothing) {
  const InferenceSession session = open_fake(kScale, {.max_batch_size = 4});
  hooks().runs = 0;
  const auto results = session.run_batch({{"x", rows_from(0, 6)}});
  EXPECT_EQ(hooks().runs, 2);
  ASSERT_EQ(results.size(), 6U);
  for (size_t i = 0; i < 6; ++i) {
    const float x = 2 * static_cast<float>(i);
    EXPECT_EQ(results[i].get()[0].shape(), (Shape{1, 2}));
    EXPECT_THAT(values_of(results[i].get()[0]), ElementsAre(2 * x, 2 * x + 2));
    EXPECT_EQ(results[i].report.bytes_copied(), 0U);
  }
  EXPECT_TRUE(session.run_batch({{"x", rows_from(0, 0)}}).empty());
}

TEST(BatchTest, RowsThatDoNotMatchAreAnError) {
  const InferenceSession session = open_fake(
      "fake\ninput a float32 N\ninput b float32 N\noutput y float32 N\ny = concat a b\nend\n");
  const NamedTensors rows{{"a", Tensor(DType::kFloat32, {3})}, {"b", Tensor(DType::kFloat32, {2})}};
  EXPECT_ERROR(session.run_batch(rows), InvalidArgumentError, HasSubstr("input 'b'"),
               HasSubstr("as many rows"));
}

TEST(BatchTest, RunsOneByOneUnlessJoiningIsAskedFor) {
  const InferenceSession session = open_fake(kScale);
  hooks().runs = 0;
  const auto items = items_of({1, 1, 1});
  const auto results = session.run_batch(items);
  EXPECT_EQ(hooks().runs, 3);
  expect_as_one_by_one(session, items, results);
}

TEST(BatchTest, AModelWithoutADynamicFirstDimensionIsNotJoined) {
  const InferenceSession session = open_fake(kTwo, {.max_batch_size = 8});
  const NamedTensors item{{"left", Tensor::from({1.0F, 2.0F}, {2})},
                          {"right", Tensor::from({3.0F, 4.0F}, {2})}};
  const std::vector<NamedTensors> items{item, item};
  hooks().runs = 0;
  const auto results = session.run_batch(items);
  EXPECT_EQ(hooks().runs, 2);
  EXPECT_THAT(values_of(results[1].get()[0]), ElementsAre(4, 6));
}

TEST(BatchTest, AModelWithStateIsNotJoined) {
  const InferenceSession session =
      open_fake("fake\ninput x float32 N\noutput y float32 N\ny = accumulate x\nend\n",
                {.max_batch_size = 8});
  const NamedTensors item{{"x", Tensor::from({1.0F}, {1})}};
  const std::vector<NamedTensors> items{item, item, item};
  const auto results = session.run_batch(items);
  EXPECT_THAT(values_of(results[2].get()[0]), ElementsAre(3));
}

TEST(BatchTest, AModelWhoseOutputIsNotTheBatchIsFoundOutOnce) {
  // concat x x gives twice the rows.
  const InferenceSession session =
      open_fake("fake\ninput x float32 N 2\noutput y float32 M 2\ny = concat x x\nend\n",
                {.max_batch_size = 8});
  const auto items = items_of({1, 1, 1});
  hooks().runs = 0;
  const auto results = session.run_batch(items);
  EXPECT_EQ(hooks().runs, 4) << "one that was joined, then one by one";
  expect_as_one_by_one(session, items, results);
  hooks().runs = 0;
  session.run_batch(items);
  EXPECT_EQ(hooks().runs, 3) << "remembered";
}

TEST(BatchTest, ABadItemFailsAlone) {
  const InferenceSession session = open_fake(kScale, {.max_batch_size = 8});
  auto items = items_of({1, 1, 1});
  items[1] = {{"x", Tensor(DType::kInt8, {1, 2})}};
  const auto results = session.run_batch(items);
  EXPECT_TRUE(results[0]);
  EXPECT_FALSE(results[1]);
  EXPECT_TRUE(results[1].outputs.empty());
  EXPECT_ERROR(results[1].get(), InvalidArgumentError, HasSubstr("expected float32"));
  EXPECT_THAT(values_of(results[2].get()[0]), ElementsAre(40, 42));
}

/// A run fails when one of its rows is negative.
InferenceSession open_picky(SessionConfig config, std::atomic<int>& runs, uint32_t flags = 0) {
  Script script{.model = one_to_one({-1}, {-1})};
  script.run = [&runs, flags](const engine::RunArgs& args) {
    ++runs;
    const auto* x = static_cast<const float*>(args.input(0).data);
    const int64_t rows = args.input(0).shape[0];
    for (int64_t i = 0; i < rows; ++i) {
      if (x[i] < 0) throw engine::Failure(XPURT_ENGINE, "a negative row", 0, flags);
    }
    fill_output(args, 0, {rows}, 7);
  };
  return open_script(script, std::move(config));
}

std::vector<std::vector<Tensor>> scalars(const std::vector<float>& values) {
  std::vector<std::vector<Tensor>> items;
  for (const float value : values) items.push_back({Tensor::from({value}, {1})});
  return items;
}

TEST(BatchTest, WhenAJoinedRunFailsOnlyTheBadItemsFail) {
  std::atomic<int> runs{0};
  const InferenceSession session = open_picky({.max_batch_size = 8}, runs);
  const auto results = session.run_batch(scalars({1, -1, 2}));
  EXPECT_EQ(runs, 4);
  EXPECT_THAT(values_of(results[0].get()[0]), ElementsAre(7));
  EXPECT_ERROR(results[1].get(), EngineError, HasSubstr("a negative row"));
  EXPECT_THAT(values_of(results[2].get()[0]), ElementsAre(7));
  runs = 0;
  session.run_batch(scalars({1, 2}));
  EXPECT_EQ(runs, 1) << "a failure is no reason not to join";
}

TEST(BatchTest, AContextThatIsLostTakesNoOtherItemWithIt) {
  std::atomic<int> runs{0};
  const InferenceSession session = open_picky({.max_batch_size = 8}, runs, XPURT_CONTEXT_LOST);
  const auto results = session.run_batch(scalars({1, -1, 2}));
  EXPECT_TRUE(results[0]);
  EXPECT_FALSE(results[1]);
  EXPECT_TRUE(results[2]);
}

TEST(BatchTest, WhereThereIsNoRoomToJoinItemsRunAlone) {
  std::atomic<int> runs{0};
  Script script{.model = one_to_one({-1, -1}, {-1})};
  script.run = [&](const engine::RunArgs& args) {
    ++runs;
    fill_output(args, 0, {args.input(0).shape[0]}, 7);
  };
  const InferenceSession session = open_script(script, {.max_batch_size = 8});
  alignas(64) static float memory[1];  // nobody looks at it
  const Tensor vast = Tensor::wrap(memory, DType::kFloat32, {1, int64_t{1} << 44});
  const std::vector<std::vector<Tensor>> items{{vast}, {vast}, {vast}};
  for (const BatchResult& result : session.run_batch(items)) {
    EXPECT_THAT(values_of(result.get()[0]), ElementsAre(7));
  }
  EXPECT_EQ(runs, 3);
}

TEST(BatchTest, ATimeoutIsForTheWholeBatch) {
  const InferenceSession session = open_fake(kGatedScale, {.max_batch_size = 2});
  ClosedGate gate;
  const auto results = session.run_batch(items_of({1, 1, 1, 1}), {.timeout = 1ms});
  for (const BatchResult& result : results) {
    EXPECT_THROW(result.get(), DeadlineExceededError);
  }
}

TEST(BatchTest, AStopTokenIsForTheWholeBatch) {
  const InferenceSession session = open_fake(kGatedScale, {.max_batch_size = 2});
  ClosedGate gate;
  std::stop_source source;
  std::vector<BatchResult> results;
  std::jthread batch([&] {
    results = session.run_batch(items_of({1, 1, 1}), {.stop_token = source.get_token()});
  });
  gate.wait_until_waiting(1);
  source.request_stop();
  batch.join();
  for (const BatchResult& result : results) EXPECT_THROW(result.get(), CancelledError);
}

TEST(BatchTest, AClosedSessionIsAnErrorOfTheCall) {
  InferenceSession session = open_fake(kScale);
  session.close();
  EXPECT_THROW(session.run_batch(items_of({1})), InvalidStateError);
}

TEST(BatchTest, JobsThatWaitAreJoined) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1, .max_batch_size = 4});
  ClosedGate gate;
  std::vector<Job> jobs;
  jobs.push_back(session.run_async({{"x", rows_from(0, 1)}}));
  gate.wait_until_waiting(1);
  for (const NamedTensors& item : items_of({1, 2, 1, 1})) jobs.push_back(session.run_async(item));
  hooks().runs = 0;
  gate.open();
  EXPECT_THAT(values_of(jobs[2].wait()[0]), ElementsAre(20, 22, 24, 26));
  EXPECT_THAT(values_of(jobs[4].wait()[0]), ElementsAre(60, 62));
  EXPECT_EQ(hooks().runs, 2);
  EXPECT_EQ(jobs[0].wait().size(), 1U);
  EXPECT_EQ(jobs[1].report().joined, 3U);
  EXPECT_EQ(jobs[4].report().joined, 1U);
}

TEST(BatchTest, ABadJobFailsAloneAmongThoseItWasJoinedWith) {
  std::atomic<int> runs{0};
  std::latch running(1);
  std::latch go_on(1);
  Script script{.model = one_to_one({-1}, {-1})};
  script.run = [&](const engine::RunArgs& args) {
    if (++runs == 1) {
      running.count_down();
      go_on.wait();
    }
    const auto* x = static_cast<const float*>(args.input(0).data);
    const int64_t rows = args.input(0).shape[0];
    for (int64_t i = 0; i < rows; ++i) {
      if (x[i] < 0) throw engine::Failure(XPURT_ENGINE, "a negative row");
    }
    fill_output(args, 0, {rows}, 7);
  };
  const InferenceSession session = open_script(script, {.contexts = 1, .max_batch_size = 8});
  std::vector<Job> jobs{session.run_async(scalars({0})[0])};
  running.wait();
  for (const auto& item : scalars({1, -1, 2})) jobs.push_back(session.run_async(item));
  go_on.count_down();
  EXPECT_THAT(values_of(jobs[1].wait()[0]), ElementsAre(7));
  EXPECT_THROW(jobs[2].wait(), EngineError);
  EXPECT_THAT(values_of(jobs[3].wait()[0]), ElementsAre(7));
  EXPECT_EQ(runs, 5);
}

TEST(BatchTest, AJoinedRunIsCancelledWhenAllOfItsJobsAre) {
  const InferenceSession session = open_fake(kGatedScale, {.contexts = 1, .max_batch_size = 2});
  ClosedGate gate;
  const Job first = session.run_async({{"x", rows_from(0, 2)}});
  gate.wait_until_waiting(1);
  const Job a = session.run_async({{"x", rows_from(0, 1)}});
  const Job b = session.run_async({{"x", rows_from(5, 1)}});
  first.cancel();
  EXPECT_THROW(first.wait(), CancelledError);
  gate.wait_until_waiting(1);
  while (hooks().runs_now != 1) std::this_thread::yield();
  EXPECT_FALSE(a.cancel());
  EXPECT_FALSE(a.done()) << "the other one goes on";
  b.cancel();
  EXPECT_THROW(a.wait(), CancelledError);
  EXPECT_THROW(b.wait(), CancelledError);
}

}  // namespace
}  // namespace xpuruntime
