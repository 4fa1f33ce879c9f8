// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support.h"

namespace xpuruntime::torch_engine {
namespace {

using conformance::RunCall;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> mlp_of_ones(const LoadOptions& options) {
  const auto model = plugin().load(made("mlp.pt"), options);
  Sink sink(1);
  const Outcome outcome = model.context().run({ones({1, 16})}, sink, 1);
  if (!outcome.ok()) throw std::runtime_error(outcome.text);
  return values_of(sink.copy(0));
}

TEST(RunTest, GivesAViewOfAnInputWithoutACopy) {
  const auto model = plugin().load(made("reshape_view.pt"));
  const auto context = model.context();
  const Tensor x = ones({2, 3});
  Sink sink(1);
  RunCall call({x}, sink, 1);
  ASSERT_TRUE(context.run(call).ok());
  EXPECT_EQ(sink.output(0)->data, x.data());
  EXPECT_TRUE(sink.output(0)->given);
  EXPECT_EQ(call.copied(), 0U);
  sink.release_given();
}

TEST(RunTest, GivesWeightsToBeReadOnly) {
  const auto model = plugin().load(made("constant_output.pt"));
  Sink sink(2);
  ASSERT_TRUE(model.context().run({ones({4})}, sink, 2).ok());
  EXPECT_EQ(sink.output(0)->flags & XPURT_VALUE_READ_ONLY, 0U);
  EXPECT_NE(sink.output(1)->flags & XPURT_VALUE_READ_ONLY, 0U);
  sink.release_given();
}

TEST(RunTest, CopiesAViewThatIsNotDenseAndSaysSo) {
  const auto model = plugin().load(made("nested.pt"));
  const auto context = model.context();
  Sink sink(3);
  RunCall call({ones({2, 3})}, sink, 3);
  ASSERT_TRUE(context.run(call).ok());
  EXPECT_THAT(sink.output(2)->shape, ElementsAre(3, 2));
  EXPECT_EQ(call.copied(), 6 * sizeof(float));
  sink.release_given();
}

TEST(RunTest, CopiesAnInputThatTheModelWrites) {
  const auto model = plugin().load(made("writes_input.pt"));
  const auto context = model.context();
  const Tensor x = ones({2, 3});
  Sink sink(1);
  RunCall call({x}, sink, 1);
  ASSERT_TRUE(context.run(call).ok());
  EXPECT_THAT(values_of(x), testing::Each(1));
  EXPECT_THAT(values_of(sink.copy(0)), testing::Each(4));
  EXPECT_EQ(call.copied(), x.bytes());
}

TEST(RunTest, LetsTheModelWriteADonatedInput) {
  const auto model = plugin().load(made("writes_input.pt"));
  const auto context = model.context();
  Sink sink(1);
  RunCall call({ones({2, 3})}, sink, 1, {.donated = {0}});
  ASSERT_TRUE(context.run(call).ok());
  EXPECT_THAT(values_of(sink.copy(0)), testing::Each(4));
  EXPECT_EQ(call.copied(), 0U);
}

TEST(RunTest, KeepsTheStateOfEachContextApart) {
  const auto model = plugin().load(made("accumulate.pt"));
  EXPECT_NE(model.info().flags & XPURT_MODEL_STATEFUL, 0U);
  const auto first = model.context();
  const auto second = model.context();
  const auto add_ones = [](const conformance::Context& context) {
    Sink sink(1);
    const Outcome outcome = context.run({ones({1, 2})}, sink, 1);
    return outcome.ok() ? values_of(sink.copy(0)) : std::vector<float>();
  };
  EXPECT_THAT(add_ones(first), ElementsAre(1, 1));
  EXPECT_THAT(add_ones(first), ElementsAre(2, 2));
  EXPECT_THAT(add_ones(second), ElementsAre(1, 1));
}

TEST(RunTest, KeepsTheNumbersWithoutFreezing) {
  EXPECT_EQ(mlp_of_ones(with({{"freeze", "false"}})), mlp_of_ones({}));
}

TEST(RunTest, ComputesInHalfPrecisionAndGivesFloats) {
  const std::vector<float> exact = mlp_of_ones({});
  for (const char* precision : {"fp16", "bf16"}) {
    const std::vector<float> half = mlp_of_ones(with({{"precision", precision}}));
    ASSERT_EQ(half.size(), exact.size());
    for (size_t i = 0; i < half.size(); ++i) EXPECT_NEAR(half[i], exact[i], 0.05) << precision;
  }
}

TEST(RunTest, SaysWhyAModelFailedInOneLine) {
  const auto model = plugin().load(made("traced.pt"));
  Sink sink(1);
  const Outcome outcome = model.context().run({ones({2, 8})}, sink, 1);
  EXPECT_EQ(outcome.code, XPURT_ENGINE);
  EXPECT_THAT(outcome.text, HasSubstr("shapes cannot be multiplied (2x8 and 16x"));
  EXPECT_THAT(outcome.text, testing::Not(HasSubstr("\n")));
}

TEST(RunTest, ReportsMemoryThatCannotBeHad) {
  const auto model = plugin().load(made("fill.pt"));
  Sink sink(1);
  const int64_t many = int64_t{1} << 30;
  const Outcome outcome =
      model.context().run({Tensor::of<int64_t>({2}, {many, many / 64})}, sink, 1);
  EXPECT_EQ(outcome.code, XPURT_OUT_OF_MEMORY);
  EXPECT_EQ(outcome.asked, static_cast<uint64_t>(many) * static_cast<uint64_t>(many) / 64 * 4);
}

}  // namespace
}  // namespace xpuruntime::torch_engine
