// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support.h"

namespace xpuruntime::onnxrt {
namespace {

using conformance::RunCall;
using conformance::Sink;
using testing::HasSubstr;

using Floats = std::vector<float>;

TEST(RunTest, FindsItsWayBackAmongChangingShapes) {
  const auto model = plugin().load(shared_model("identity_float32"));
  const auto context = model.context();
  // More shapes than are remembered, forth and back.
  for (const size_t size : {1, 2, 3, 4, 5, 6, 6, 5, 1, 2, 0, 3, 0}) {
    const Floats values(size, static_cast<float>(size));
    Sink sink(1);
    ASSERT_TRUE(context.run({floats(values)}, sink, 1).ok());
    EXPECT_EQ(values_of(sink.copy(0)), values);
  }
}

TEST(RunTest, ReadsAnInputAgainThatChangedInPlace) {
  const auto model = plugin().load(shared_model("identity_float32"));
  const auto context = model.context();
  const Tensor x = floats({1, 2});
  for (const float value : {3.0F, 4.0F}) {
    x.as<float>()[0] = value;
    Sink sink(1);
    ASSERT_TRUE(context.run({x}, sink, 1).ok());
    EXPECT_EQ(values_of(sink.copy(0)), (Floats{value, 2}));
  }
}

TEST(RunTest, WritesTheMemoryOfEachRunWhenItAlternates) {
  const auto model = plugin().load(shared_model("identity_float32"));
  const auto context = model.context();
  Floats first(2), second(2), third(2);
  float value = 0;
  for (Floats* memory : {&first, &second, &first, &third, &second}) {
    const Floats expected{++value, -value};
    Sink sink(1);
    sink.bind(0, XPURT_FLOAT, {2}, memory->data(), sizeof(float) * 2);
    ASSERT_TRUE(context.run({floats(expected)}, sink, 1).ok());
    EXPECT_EQ(*memory, expected);
  }
}

TEST(RunTest, GivesADynamicOutputWithoutACopy) {
  const auto model = plugin().load(shared_model("nonzero"));
  const auto context = model.context();
  Sink first(1), second(1);
  ASSERT_TRUE(context.run({floats({1, 0, 2})}, first, 1).ok());
  ASSERT_TRUE(context.run({floats({0, 5, 0, 0})}, second, 1).ok());
  EXPECT_TRUE(first.output(0)->given);
  EXPECT_EQ(first.copy(0).as<int64_t>()[1], 2);  // the second run left it alone
  EXPECT_EQ(second.copy(0).as<int64_t>()[0], 1);
}

TEST(RunTest, GivenOutputsOutliveContextAndModel) {
  Sink sink(1);
  {
    const auto model = plugin().load(shared_model("nonzero"));
    ASSERT_TRUE(model.context().run({floats({0, 1, 1})}, sink, 1).ok());
  }
  EXPECT_EQ(sink.copy(0).as<int64_t>()[0], 1);
  EXPECT_EQ(sink.copy(0).as<int64_t>()[1], 2);
}

TEST(RunTest, WritesADynamicOutputIntoBoundMemoryOfItsShape) {
  const auto model = plugin().load(shared_model("nonzero"));
  const auto context = model.context();
  std::vector<int64_t> memory(2);
  Sink sink(1);
  sink.bind(0, XPURT_INT64, {1, 2}, memory.data(), 16);
  ASSERT_TRUE(context.run({floats({1, 0, 2})}, sink, 1).ok());
  EXPECT_EQ(memory, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(sink.gives(), 0);
}

TEST(RunTest, GivesADynamicOutputWhoseBoundShapeIsWrong) {
  const auto model = plugin().load(shared_model("nonzero"));
  const auto context = model.context();
  std::vector<int64_t> memory(3, -7);
  Sink sink(1);
  sink.bind(0, XPURT_INT64, {1, 3}, memory.data(), 24);
  ASSERT_TRUE(context.run({floats({1, 0, 2})}, sink, 1).ok());
  EXPECT_EQ(memory, (std::vector<int64_t>{0, 2, -7}));
  EXPECT_EQ(sink.output(0)->shape, (std::vector<int64_t>{1, 2}));
}

TEST(RunTest, FindsThatARepeatedRunHasAnotherShape) {
  const auto model = plugin().load(shared_model("nonzero"));
  const auto context = model.context();
  std::vector<int64_t> memory(2);
  const Tensor x = floats({1, 0, 2});
  const auto run = [&](Sink& sink) {
    sink.bind(0, XPURT_INT64, {1, 2}, memory.data(), 16);
    return context.run({x}, sink, 1, {.repeat = 5}).code;
  };
  for (int i = 0; i < 3; ++i) {
    Sink sink(1);
    memory = {-7, -7};
    EXPECT_EQ(run(sink), XPURT_OK);
    EXPECT_EQ(memory, (std::vector<int64_t>{0, 2}));
  }
  std::ranges::copy(Floats{0, 3, 0}, x.as<float>().begin());
  Sink smaller(1);
  EXPECT_EQ(run(smaller), XPURT_OK);
  EXPECT_EQ(smaller.output(0)->shape, (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(memory[0], 1);
  std::ranges::copy(Floats{1, 1, 1}, x.as<float>().begin());
  Sink larger(1);
  EXPECT_EQ(run(larger), XPURT_INVALID_ARGUMENT);
}

TEST(RunTest, WritesNothingPastBoundMemoryThatIsTooSmall) {
  const auto model = plugin().load(shared_model("nonzero"));
  const auto context = model.context();
  std::vector<int64_t> memory(2, -7);
  Sink sink(1);
  sink.bind(0, XPURT_INT64, {1, 1}, memory.data(), 8);
  const Outcome outcome = context.run({floats({1, 0, 2})}, sink, 1);
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_EQ(memory[1], -7);
}

TEST(RunTest, GivesWhatProvesToHaveAnotherShapeThanDeclared) {
  const auto model = plugin().load(shared_model("lying_symbol"));
  const auto context = model.context();
  for (int run = 0; run < 3; ++run) {
    Sink sink(1);
    ASSERT_TRUE(context.run({floats({1, 2})}, sink, 1).ok());
    EXPECT_EQ(values_of(sink.copy(0)), (Floats{1, 2, 1, 2}));
    EXPECT_TRUE(sink.output(0)->given);
  }
}

TEST(RunTest, DistrustsOnlyTheOutputWhoseShapeWasWrong) {
  const auto model = plugin().load(own_model("half_lying"));
  const auto context = model.context();
  for (int run = 0; run < 3; ++run) {
    Sink sink(2);
    ASSERT_TRUE(context.run({floats({1, 2})}, sink, 2).ok());
    EXPECT_EQ(values_of(sink.copy(0)), (Floats{1, 2, 1, 2}));
    EXPECT_EQ(values_of(sink.copy(1)), (Floats{-1, -2}));
    EXPECT_TRUE(sink.output(0)->given);
    EXPECT_EQ(sink.output(1)->given, run == 0);  // in the run that found out
  }
}

TEST(RunTest, ShapesAnOutputOfUnknownRankByTheRun) {
  const auto model = plugin().load(own_model("unknown_rank"));
  const auto context = model.context();
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{2, 3}, {1, 1, 6}, {6}}) {
    const auto rank = static_cast<int64_t>(shape.size());
    Sink sink(1);
    ASSERT_TRUE(
        context.run({floats({1, 2, 3, 4, 5, 6}), Tensor::of<int64_t>({rank}, shape)}, sink, 1)
            .ok());
    EXPECT_EQ(sink.output(0)->shape, shape);
  }
}

TEST(RunTest, CopiesAndCountsAnOutputThatIsAnInput) {
  const auto model = plugin().load(own_model("pass_through"));
  const auto context = model.context();
  const Tensor x = floats({1, 2, 3});
  for (const bool is_bound : {false, true}) {
    Floats memory(3);
    Sink sink(2);
    if (is_bound) sink.bind(0, XPURT_FLOAT, {3}, memory.data(), 12);
    const std::vector<Tensor> inputs{x};
    RunCall call(inputs, sink, 2);
    ASSERT_TRUE(context.run(call).ok());
    EXPECT_EQ(values_of(sink.copy(0)), (Floats{1, 2, 3}));
    EXPECT_EQ(values_of(sink.copy(1)), (Floats{-1, -2, -3}));
    EXPECT_NE(sink.output(0)->data, x.data());
    EXPECT_EQ(call.copied(), 12U);
    if (is_bound) {
      EXPECT_EQ(memory, (Floats{1, 2, 3}));
    }
  }
}

TEST(RunTest, NeverGivesTheCallersOwnMemory) {
  for (const char* name : {"reshape_view", "identity_float32"}) {
    const auto model = plugin().load(shared_model(name));
    const bool is_view = std::string(name) == "reshape_view";
    const Tensor x(XPURT_FLOAT, is_view ? std::vector<int64_t>{2, 3} : std::vector<int64_t>{6});
    Sink sink(1);
    ASSERT_TRUE(model.context().run({x}, sink, 1).ok());
    EXPECT_NE(sink.output(0)->data, x.data()) << name;
  }
}

TEST(RunTest, WeightsThatAreOutputsAreCopiesOfThem) {
  const auto model = plugin().load(shared_model("constant_output"));
  const auto context = model.context();
  const Floats weight{-3, -2, -1, 0};
  for (int run = 0; run < 2; ++run) {
    Sink sink(2);
    ASSERT_TRUE(context.run({floats({1, 2, 3, 4})}, sink, 2).ok());
    EXPECT_EQ(values_of(sink.copy(1)), weight);
    sink.output(1)->data[0] = std::byte{0x7F};  // ours to write: the next run is not changed by it
  }
}

TEST(RunTest, GoesOnAfterAFailedRun) {
  const auto model = plugin().load(shared_model("mlp"));
  const auto context = model.context();
  Sink first(1), wrong(1), last(1);
  const Tensor x(XPURT_FLOAT, {2, 16});
  ASSERT_TRUE(context.run({x}, first, 1).ok());
  const Outcome outcome = context.run({Tensor(XPURT_FLOAT, {2, 15})}, wrong, 1);
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, HasSubstr("ONNX Runtime"));
  ASSERT_TRUE(context.run({x}, last, 1).ok());
  EXPECT_TRUE(first.copy(0).same(last.copy(0)));
}

}  // namespace
}  // namespace xpuruntime::onnxrt
