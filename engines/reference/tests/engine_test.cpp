// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <fstream>
#include <thread>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// y = Relu(x + w) and z = Reshape(y), of [N, 2].
ModelBuilder small_model() {
  ModelBuilder model;
  model.input("x", DType::kFloat, {-1, 2})
      .output("y", DType::kFloat, {-1, 2})
      .output("z", DType::kFloat)
      .weight("w", floats({2}, {1, -1}))
      .weight("flat", ints({1}, {-1}));
  model.node("Add", {"x", "w"}, {"sum"}, "adding");
  model.node("Relu", {"sum"}, {"y"});
  model.node("Reshape", {"y", "flat"}, {"z"});
  return model;
}

template <typename Body>
std::pair<xpurt_status, std::string> failure_of(Body body) {
  try {
    body();
  } catch (const Failed& failed) {
    return {failed.code, failed.what()};
  }
  return {XPURT_OK, "no failure"};
}

TEST(ReferenceEngineTest, DescribesItself) {
  const xpurt_engine_info* info = nullptr;
  xpurt_error error;
  ASSERT_EQ(Session::engine().describe(Session::engine().self, &info, &error), XPURT_OK);
  EXPECT_STREQ(info->name, "reference");
  EXPECT_THAT(info->version, HasSubstr("onnx opset 1-28"));
  EXPECT_EQ(info->traits, XPURT_TRAIT_NODES);
  EXPECT_STREQ(info->formats[0], "onnx");
  ASSERT_EQ(info->device_count, 1u);
  EXPECT_EQ(info->devices[0].type, XPURT_DEVICE_CPU);
}

TEST(ReferenceEngineTest, TellsInputsOutputsAndPlacement) {
  const Session session(small_model().bytes());
  const xpurt_model_info& info = session.info();
  ASSERT_EQ(info.input_count, 1u);
  EXPECT_STREQ(info.inputs[0]->name, "x");
  EXPECT_THAT(std::vector<int64_t>(info.inputs[0]->shape, info.inputs[0]->shape + 2),
              ElementsAre(-1, 2));
  EXPECT_STREQ(info.inputs[0]->dim_names[0], "d0");
  ASSERT_EQ(info.output_count, 2u);
  EXPECT_EQ(info.outputs[1]->rank, -1);
  EXPECT_EQ(info.opset, 17);
  EXPECT_STREQ(info.producer, "model_builder");
  EXPECT_STREQ(info.placement[0]->key, "reference");
  EXPECT_STREQ(info.placement[0]->value, "3");
  EXPECT_EQ(info.threads, 1);
}

TEST(ReferenceEngineTest, CopiesOnlyOutputsThatShareMemoryAndSaysSo) {
  Session session(small_model().bytes());
  Sink sink(2);
  session.run({floats({1, 2}, {3, 3})}, sink);
  expect_floats(sink.committed[0], {1, 2}, {4, 2});
  expect_floats(sink.committed[1], {2}, {4, 2});
  EXPECT_EQ(sink.copied_bytes, 8u);
}

TEST(ReferenceEngineTest, WritesIntoBoundMemory) {
  Session session(small_model().bytes());
  Sink sink(2);
  sink.memory[0] = std::make_unique<std::byte[]>(8);
  sink.bound_bytes[0] = 8;
  session.run({floats({1, 2}, {3, 3})}, sink);
  EXPECT_EQ(std::memcmp(sink.memory[0].get(), sink.committed[0].bytes.data(), 8), 0);
  sink.bound_bytes[0] = 4;
  EXPECT_EQ(failure_of([&] { session.run({floats({1, 2}, {3, 3})}, sink); }).second,
            "bound memory is too small");
}

TEST(ReferenceEngineTest, HandsOutCopiesOfInputsAndWeights) {
  ModelBuilder model;
  model.input("x", DType::kFloat, {1}).output("x", DType::kFloat, {1});
  model.weight("w", floats({1}, {5})).output("w", DType::kFloat, {1});
  Sink sink(2);
  Session(model.bytes()).run({floats({1}, {3})}, sink);
  expect_floats(sink.committed[0], {1}, {3});
  expect_floats(sink.committed[1], {1}, {5});
  EXPECT_EQ(sink.copied_bytes, 8u);
}

TEST(ReferenceEngineTest, ShowsInnerValuesAsFurtherOutputs) {
  Session session(small_model().bytes(), {.extra_outputs = {"sum", "y"}});
  ASSERT_EQ(session.info().output_count, 3u);  // y is one already
  EXPECT_STREQ(session.info().outputs[2]->name, "sum");
  expect_floats(session.run({floats({1, 2}, {-3, 3})})[2], {1, 2}, {-2, 2});
  const auto [code, text] =
      failure_of([] { Session(small_model().bytes(), {.extra_outputs = {"summ"}}); });
  EXPECT_EQ(code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(text, HasSubstr("did you mean 'sum'?"));
}

TEST(ReferenceEngineTest, ChecksItsInputs) {
  Session session(small_model().bytes());
  EXPECT_EQ(failure_of([&] { session.run({ints({1, 2}, {1, 2})}); }).second,
            "input 'x': expected float32 [-1, 2], got int64 [1, 2]");
  EXPECT_EQ(failure_of([&] { session.run({floats({1, 3}, {1, 2, 3})}); }).first,
            XPURT_INVALID_ARGUMENT);
  EXPECT_EQ(failure_of([&] { session.run({floats({9, 2}, {1})}); }).second,
            "input 'x': expected float32 [-1, 2], got float32 [9, 2] in 4 bytes");
  EXPECT_EQ(failure_of([&] { session.run({}); }).first, XPURT_INVALID_ARGUMENT);
}

TEST(ReferenceEngineTest, KeepsAnEmptyBatch) {
  expect_floats(Session(small_model().bytes()).run({floats({0, 2}, {})})[0], {0, 2}, {});
}

TEST(ReferenceEngineTest, RunsOnTheCpuAlone) {
  EXPECT_EQ(
      failure_of([] { Session(small_model().bytes(), {.device = {XPURT_DEVICE_CUDA, 0}}); }).first,
      XPURT_UNAVAILABLE);
}

TEST(ReferenceEngineTest, KeepsToItsMemoryLimit) {
  Session session(small_model().bytes(), {.options = {{"memory_limit", "100"}}});
  EXPECT_NO_THROW(session.run({floats({4, 2}, std::vector<float>(8))}));
  try {
    session.run({floats({20, 2}, std::vector<float>(40))});
    ADD_FAILURE();
  } catch (const Failed& failed) {
    EXPECT_EQ(failed.code, XPURT_OUT_OF_MEMORY);
    EXPECT_EQ(failed.asked, 160u);
  }
  EXPECT_THAT(failure_of([] {
                Session(small_model().bytes(), {.options = {{"memory_limit", "much"}}});
              }).second,
              HasSubstr("'much' is not a number of bytes"));
}

TEST(ReferenceEngineTest, StopsBetweenNodesWhenCancelled) {
  Session session(small_model().bytes());
  xpurt_context* context = nullptr;
  xpurt_error error;
  ASSERT_EQ(Session::engine().context_create(session.model(), &context, &error), XPURT_OK);
  Sink sink(2);
  sink.on_reserve = [&] { Session::engine().context_cancel(context, 7); };
  const auto run = [&](uint64_t id) {
    return failure_of([&] { session.run({floats({1, 2}, {3, 3})}, sink, id, 0, context); });
  };
  EXPECT_THAT(run(7), ::testing::Pair(XPURT_CANCELLED, HasSubstr("(Reshape)")));
  EXPECT_EQ(run(8).first, XPURT_OK);  // a late cancel of run 7 does not touch run 8
  Session::engine().context_release(context);
}

TEST(ReferenceEngineTest, IsCancelledFromAnyThread) {
  Session session(small_model().bytes());
  xpurt_context* context = nullptr;
  xpurt_error error;
  ASSERT_EQ(Session::engine().context_create(session.model(), &context, &error), XPURT_OK);
  Sink sink(2);
  sink.on_reserve = [&] {
    std::thread([&] { Session::engine().context_cancel(context, 7); }).join();
  };
  EXPECT_THROW(session.run({floats({1, 2}, {3, 3})}, sink, 7, 0, context), Failed);
  Session::engine().context_release(context);
}

TEST(ReferenceEngineTest, StopsAtItsDeadline) {
  Session session(small_model().bytes());
  Sink sink(2);
  EXPECT_THAT(failure_of([&] { session.run({floats({1, 2}, {3, 3})}, sink, 1, 1); }),
              ::testing::Pair(XPURT_DEADLINE_EXCEEDED, HasSubstr("before node 'adding' (Add)")));
}

TEST(ReferenceEngineTest, TellsHowFarALoadIsAndStopsWhenToldTo) {
  std::vector<std::string> phases;
  LoadSettings settings;
  settings.progress = [&](const std::string& phase) {
    phases.push_back(phase);
    return 0;
  };
  Session session(small_model().bytes(), settings);
  EXPECT_THAT(phases, ElementsAre("read", "check", "check"));
  settings.progress = [](const std::string& phase) { return phase == "check" ? 1 : 0; };
  EXPECT_EQ(failure_of([&] { Session stopped(small_model().bytes(), settings); }).first,
            XPURT_CANCELLED);
}

TEST(ReferenceEngineTest, AFailedRunLeavesTheContextFit) {
  Session session(small_model().bytes());
  xpurt_context* context = nullptr;
  xpurt_error error;
  ASSERT_EQ(Session::engine().context_create(session.model(), &context, &error), XPURT_OK);
  Sink sink(2);
  EXPECT_THROW(session.run({floats({1, 3}, {1, 2, 3})}, sink, 1, 0, context), Failed);
  session.run({floats({1, 2}, {3, 3})}, sink, 2, 0, context);
  expect_floats(sink.committed[0], {1, 2}, {4, 2});
  Session::engine().context_release(context);
}

TEST(ReferenceEngineTest, RunsManyContextsAtOnce) {
  Session session(small_model().bytes());
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto value = static_cast<float>(t);
      for (int i = 0; i < 50; ++i) {
        const auto outputs = session.run({floats({1, 2}, {value, value + 1})});
        if (values_of<float>(outputs[1]) != std::vector<float>{value + 1, value}) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ReferenceEngineTest, RunsTheDigitModelForAnyBatch) {
  Session session("", {.path = XPURT_TEST_DATA_DIR "/digits.onnx"});
  const xpurt_tensor_info& input = *session.info().inputs[0];
  std::vector<int64_t> shape(input.shape, input.shape + input.rank);
  for (const int64_t batch : {0, 1, 3}) {
    shape[0] = batch;
    const size_t count = onnx::element_count(shape).value();
    const auto outputs = session.run({floats(shape, std::vector<float>(count, 0.5f))});
    EXPECT_THAT(outputs[0].shape, ElementsAre(batch, 10));
    for (const float score : values_of<float>(outputs[0])) EXPECT_TRUE(std::isfinite(score));
  }
}

}  // namespace
}  // namespace xpuruntime::reference::testing
