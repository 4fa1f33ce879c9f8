// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

const Value kFloats = floats({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(ReferenceReduceTest, TakesAxesFromAttributesOrInputsByOpset) {
  const auto axes = [](NodeBuilder n) { n.integers("axes", {1}); };
  expect_floats(run({"ReduceSum", {kFloats}, axes, 12}), {2, 1}, {6, 15});
  expect_floats(run({"ReduceSum", {kFloats, ints({1}, {1})}, {}, 13}), {2, 1}, {6, 15});
  expect_floats(run({"ReduceMean", {kFloats}, axes, 17}), {2, 1}, {2, 5});
  expect_floats(run({"ReduceMean", {kFloats, ints({1}, {-1})}, {}, 18}), {2, 1}, {2, 5});
}

TEST(ReferenceReduceTest, DropsDimensionsWhenAskedTo) {
  expect_floats(run({"ReduceSum", {kFloats}, [](NodeBuilder n) { n.integer("keepdims", 0); }}), {},
                {21});
  expect_floats(run({"ReduceSum",
                     {kFloats, ints({1}, {0})},
                     [](NodeBuilder n) { n.integer("keepdims", 0); }}),
                {3}, {5, 7, 9});
}

TEST(ReferenceReduceTest, DoesNothingForNoAxesWhereToldSo) {
  expect_floats(run({"ReduceSum",
                     {kFloats, ints({0}, {})},
                     [](NodeBuilder n) { n.integer("noop_with_empty_axes", 1); }}),
                {2, 3}, {1, 2, 3, 4, 5, 6});
}

TEST(ReferenceReduceTest, KnowsWhatNothingReducesTo) {
  const Value empty = floats({2, 0}, {});
  const Value axis = ints({1}, {1});
  expect_floats(run({"ReduceSum", {empty, axis}}), {2, 1}, {0, 0});
  EXPECT_EQ(values_of<float>(run({"ReduceMax", {empty, axis}, {}, 20}))[0], -INFINITY);
  EXPECT_TRUE(std::isnan(values_of<float>(run({"ReduceMean", {empty, axis}, {}, 18}))[0]));
  EXPECT_THAT(failure({"ReduceMean", {ints({0}, {})}}), HasSubstr("no mean of no integers"));
}

TEST(ReferenceReduceTest, AddsExponentialsWithoutOverflow) {
  expect_floats(run({"ReduceLogSumExp", {floats({2}, {1000, 1000})}}), {1},
                {static_cast<float>(1000 + std::log(2.0))});
  const auto sum = [](const std::vector<float>& x) {
    return values_of<float>(run({"ReduceLogSumExp", {floats({2}, x)}}))[0];
  };
  EXPECT_EQ(sum({-INFINITY, -INFINITY}), -INFINITY);
  EXPECT_EQ(sum({INFINITY, INFINITY}), INFINITY);
  EXPECT_TRUE(std::isnan(sum({NAN, 1})));
}

TEST(ReferenceReduceTest, ReducesIntegers) {
  const Value x = ints({3}, {-1, 2, -3});
  expect_ints(run({"ReduceL1", {x}}), {1}, {6});
  expect_ints(run({"ReduceL2", {x}}), {1}, {3});
  expect_ints(run({"ReduceProd", {x}}), {1}, {6});
  expect_ints(run({"ReduceSumSquare", {x}}), {1}, {14});
}

TEST(ReferenceCumulateTest, AddsUpFromEitherEnd) {
  const auto sum = [](int64_t exclusive, int64_t reverse) {
    return run({"CumSum", {ints({3}, {1, 2, 3}), ints({}, {0})}, [=](NodeBuilder n) {
                  n.integer("exclusive", exclusive).integer("reverse", reverse);
                }});
  };
  expect_ints(sum(0, 0), {3}, {1, 3, 6});
  expect_ints(sum(1, 0), {3}, {0, 1, 3});
  expect_ints(sum(1, 1), {3}, {5, 3, 0});
  expect_ints(run({"CumSum", {ints({2, 0}, {}), ints({}, {1})}}), {2, 0}, {});
  EXPECT_THAT(failure({"CumSum", {ints({3}, {1, 2, 3}), ints({}, {1})}}), HasSubstr("axis 1"));
}

TEST(ReferenceReduceTest, FindsWhereTheBestIs) {
  const Value x = floats({2, 3}, {1, 3, 3, 4, 0, 4});
  const auto arg = [&](const char* op, int64_t axis, int64_t last) {
    return run({op,
                {x},
                [=](NodeBuilder n) {
                  n.integer("axis", axis).integer("select_last_index", last).integer("keepdims", 0);
                },
                17,
                {DType::kInt64}});
  };
  expect_ints(arg("ArgMax", 1, 0), {2}, {1, 0});
  expect_ints(arg("ArgMax", -1, 1), {2}, {2, 2});
  expect_ints(arg("ArgMin", 0, 0), {3}, {0, 1, 0});
  EXPECT_THAT(failure({"ArgMax",
                       {floats({2, 0}, {})},
                       [](NodeBuilder n) { n.integer("axis", 1); },
                       17,
                       {DType::kInt64}}),
              HasSubstr("the axis has no elements"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
