// SPDX-License-Identifier: Apache-2.0
#include "shape_rule.h"

#include <gtest/gtest.h>

namespace xpuruntime::onnxrt {
namespace {

engine::TensorSpec tensor(std::vector<int64_t> shape, std::vector<std::string> dim_names) {
  engine::TensorSpec spec;
  spec.dtype = XPURT_FLOAT;
  spec.shape = std::move(shape);
  spec.dim_names = std::move(dim_names);
  return spec;
}

TEST(ShapeRuleTest, KnowsNumbersAndSymbolsOfInputs) {
  const std::vector<engine::TensorSpec> inputs{tensor({-1, 3}, {"batch", ""}),
                                               tensor({-1}, {"length"})};
  EXPECT_TRUE(ShapeRule(tensor({2, 3}, {"", ""}), {}).is_known());
  EXPECT_TRUE(ShapeRule(tensor({-1, -1}, {"length", "batch"}), inputs).is_known());
  EXPECT_FALSE(ShapeRule(tensor({-1}, {"count"}), inputs).is_known());
  EXPECT_FALSE(ShapeRule(tensor({-1}, {""}), inputs).is_known());
  EXPECT_TRUE(ShapeRule(tensor({}, {}), inputs).is_known());
  engine::TensorSpec unranked = tensor({}, {});
  unranked.has_rank = false;
  EXPECT_FALSE(ShapeRule(unranked, inputs).is_known());
}

TEST(ShapeRuleTest, ResolvesByTheInputsOfTheRun) {
  const std::vector<engine::TensorSpec> inputs{tensor({-1, 3}, {"batch", ""}),
                                               tensor({-1}, {"length"})};
  const std::vector<int64_t> first{5, 3}, second{7};
  const xpurt_value values[] = {engine::RunArgs::tensor(XPURT_FLOAT, first, nullptr, 0),
                                engine::RunArgs::tensor(XPURT_FLOAT, second, nullptr, 0)};
  const xpurt_value* pointers[] = {&values[0], &values[1]};
  xpurt_run_args args{};
  args.struct_size = sizeof(args);
  args.inputs = pointers;
  args.input_count = 2;
  std::vector<int64_t> shape;
  const ShapeRule rule(tensor({-1, 4, -1}, {"length", "", "batch"}), inputs);
  ASSERT_TRUE(rule.resolve(engine::RunArgs(args, nullptr), shape));
  EXPECT_EQ(shape, (std::vector<int64_t>{7, 4, 5}));
}

TEST(TensorBytesTest, CountsBytesAndRefusesWhatDoesNotFit) {
  EXPECT_EQ(tensor_bytes(XPURT_FLOAT, std::vector<int64_t>{2, 3}), 24U);
  EXPECT_EQ(tensor_bytes(XPURT_INT4, std::vector<int64_t>{3}), 2U);
  EXPECT_EQ(tensor_bytes(XPURT_DOUBLE, std::vector<int64_t>{}), 8U);
  EXPECT_EQ(tensor_bytes(XPURT_FLOAT, std::vector<int64_t>{INT64_MAX, 0}), 0U);
  EXPECT_FALSE(tensor_bytes(XPURT_FLOAT, std::vector<int64_t>{INT64_MAX, 2}));
  EXPECT_FALSE(tensor_bytes(XPURT_FLOAT, std::vector<int64_t>{INT64_MAX / 8}));
  EXPECT_FALSE(tensor_bytes(XPURT_FLOAT, std::vector<int64_t>{-1}));
  EXPECT_FALSE(tensor_bytes(XPURT_STRING, std::vector<int64_t>{1}));
}

}  // namespace
}  // namespace xpuruntime::onnxrt
