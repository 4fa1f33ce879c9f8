// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

/// 1, 2, 3, ...
Value counting(std::vector<int64_t> shape) {
  std::vector<float> values(onnx::element_count(shape).value());
  std::iota(values.begin(), values.end(), 1.0f);
  return floats(std::move(shape), values);
}
Value ones(std::vector<int64_t> shape) {
  const std::vector<float> values(onnx::element_count(shape).value(), 1.0f);
  return floats(std::move(shape), values);
}

TEST(ReferenceConvTest, SumsAWindowAndAddsTheBias) {
  expect_floats(run({"Conv", {counting({1, 1, 3, 3}), ones({1, 1, 2, 2}), floats({1}, {100})}}),
                {1, 1, 2, 2}, {112, 116, 124, 128});
}

TEST(ReferenceConvTest, HonoursPadsAndStrides) {
  expect_floats(
      run({"Conv",
           {counting({1, 1, 3, 3}), ones({1, 1, 2, 2})},
           [](NodeBuilder n) { n.integers("pads", {1, 0, 0, 1}).integers("strides", {2, 2}); }}),
      {1, 1, 2, 2}, {3, 3, 24, 15});
}

TEST(ReferenceConvTest, HonoursDilations) {
  expect_floats(run({"Conv",
                     {counting({1, 1, 3, 3}), ones({1, 1, 2, 2})},
                     [](NodeBuilder n) { n.integers("dilations", {2, 2}); }}),
                {1, 1, 1, 1}, {1 + 3 + 7 + 9});
}

TEST(ReferenceConvTest, KeepsGroupsApart) {
  expect_floats(run({"Conv",
                     {counting({1, 2, 1, 2}), floats({2, 1, 1, 1}, {10, 100})},
                     [](NodeBuilder n) { n.integer("group", 2); }}),
                {1, 2, 1, 2}, {10, 20, 300, 400});
}

TEST(ReferenceConvTest, WorksInOneAndThreeDimensions) {
  expect_floats(run({"Conv", {counting({1, 1, 4}), floats({1, 1, 2}, {1, -1})}}), {1, 1, 3},
                {-1, -1, -1});
  expect_floats(run({"Conv", {counting({1, 1, 2, 2, 2}), ones({1, 1, 2, 2, 2})}}), {1, 1, 1, 1, 1},
                {36});
}

TEST(ReferenceConvTest, PadsToTheSameSizeOnTheSideAsked) {
  const auto with = [](const char* mode) {
    return run({"Conv", {counting({1, 1, 3}), ones({1, 1, 2})}, [mode](NodeBuilder n) {
                  n.text("auto_pad", mode);
                }});
  };
  expect_floats(with("SAME_UPPER"), {1, 1, 3}, {3, 5, 3});
  expect_floats(with("SAME_LOWER"), {1, 1, 3}, {1, 3, 5});
  expect_floats(with("VALID"), {1, 1, 2}, {3, 5});
}

TEST(ReferenceConvTest, KeepsAnEmptyBatch) {
  expect_floats(run({"Conv", {floats({0, 1, 3, 3}, {}), ones({1, 1, 2, 2})}}), {0, 1, 2, 2}, {});
}

TEST(ReferenceConvTest, SaysWhichShapesDoNotFit) {
  EXPECT_EQ(
      failure({"Conv", {ones({1, 2, 3, 3}), ones({1, 1, 2, 2})}}),
      "node 'tested' (Conv): channels do not match in 1 group(s) (inputs: float32 [1, 2, 3, 3], "
      "float32 [1, 1, 2, 2])");
  EXPECT_THAT(failure({"Conv", {ones({1, 1, 2}), ones({1, 1, 3})}}),
              HasSubstr("the kernel is larger than the padded input"));
  EXPECT_THAT(failure({"Conv",
                       {ones({1, 1, 3}), ones({1, 1, 2})},
                       [](NodeBuilder n) { n.integers("strides", {0}); }}),
              HasSubstr("attribute 'strides' has 0"));
  EXPECT_THAT(failure({"Conv",
                       {ones({1, 1, 3}), ones({1, 1, 2})},
                       [](NodeBuilder n) { n.integers("pads", {1, int64_t{1} << 62}); }}),
              HasSubstr("attribute 'pads'"));
}

TEST(ReferencePoolTest, TakesTheMaximumAndTellsWhereItWas) {
  const auto outputs = run_all(
      {"MaxPool",
       {counting({1, 1, 4, 4})},
       [](NodeBuilder n) { n.integers("kernel_shape", {2, 2}).integers("strides", {2, 2}); },
       17,
       {DType::kFloat, DType::kInt64}});
  expect_floats(outputs[0], {1, 1, 2, 2}, {6, 8, 14, 16});
  expect_ints(outputs[1], {1, 1, 2, 2}, {5, 7, 13, 15});
}

TEST(ReferencePoolTest, CountsPaddingOnlyWhenAskedTo) {
  const auto with = [](int64_t count) {
    return run({"AveragePool", {ones({1, 1, 2})}, [count](NodeBuilder n) {
                  n.integers("kernel_shape", {2})
                      .integers("pads", {1, 1})
                      .integer("count_include_pad", count);
                }});
  };
  expect_floats(with(0), {1, 1, 3}, {1, 1, 1});
  expect_floats(with(1), {1, 1, 3}, {0.5f, 1, 0.5f});
}

TEST(ReferencePoolTest, RoundsUpButStartsNoWindowInThePadding) {
  const auto with = [](std::vector<int64_t> pads) {
    return run({"MaxPool", {counting({1, 1, 4})}, [pads](NodeBuilder n) {
                  n.integers("kernel_shape", {2})
                      .integers("strides", {3})
                      .integers("pads", pads)
                      .integer("ceil_mode", 1);
                }});
  };
  expect_floats(with({0, 0}), {1, 1, 2}, {2, 4});
  expect_floats(with({0, 1}), {1, 1, 2}, {2, 4});
  expect_floats(with({1, 1}), {1, 1, 2}, {1, 4});
}

TEST(ReferencePoolTest, PoolsWholeChannels) {
  expect_floats(run({"GlobalAveragePool", {counting({1, 2, 2, 2})}}), {1, 2, 1, 1}, {2.5f, 6.5f});
  expect_floats(run({"GlobalMaxPool", {counting({1, 2, 2, 2})}}), {1, 2, 1, 1}, {4, 8});
}

}  // namespace
}  // namespace xpuruntime::reference::testing
