// SPDX-License-Identifier: Apache-2.0
#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

const Value kTable = ints({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(ReferenceMoveTest, Transposes) {
  expect_ints(run({"Transpose", {kTable}}), {3, 2}, {1, 4, 2, 5, 3, 6});
  expect_ints(run({"Transpose", {kTable}, [](NodeBuilder n) { n.integers("perm", {0, 1}); }}),
              {2, 3}, {1, 2, 3, 4, 5, 6});
  for (const std::vector<int64_t>& perm :
       {std::vector<int64_t>{0}, {0, 0}, {1, 2}, {-1, 0}, {0, 1, 2}}) {
    EXPECT_THAT(failure({"Transpose", {kTable}, [&](NodeBuilder n) { n.integers("perm", perm); }}),
                HasSubstr("not a permutation"));
  }
}

TEST(ReferenceMoveTest, Concatenates) {
  const auto concat = [](std::vector<Value> inputs, int64_t axis) {
    return NodeCase{"Concat", std::move(inputs),
                    [axis](NodeBuilder n) { n.integer("axis", axis); }};
  };
  expect_ints(run(concat({kTable, ints({2, 1}, {7, 8})}, 1)), {2, 4}, {1, 2, 3, 7, 4, 5, 6, 8});
  expect_ints(run(concat({kTable, ints({0, 3}, {})}, -2)), {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(failure(concat({kTable, ints({1, 2}, {7, 8})}, 0)), HasSubstr("do not match"));
  EXPECT_THAT(failure(concat({kTable}, 2)), HasSubstr("axis 2 is not one of 2"));
}

TEST(ReferenceMoveTest, GathersAndCountsNegativeIndicesFromTheEnd) {
  expect_ints(
      run({"Gather", {kTable, ints({2}, {-1, 0})}, [](NodeBuilder n) { n.integer("axis", 1); }}),
      {2, 2}, {3, 1, 6, 4});
  expect_ints(run({"Gather", {kTable, ints({}, {1})}}), {3}, {4, 5, 6});
  EXPECT_THAT(failure({"Gather", {kTable, ints({1}, {2})}}),
              HasSubstr("index 2 is outside of dimension 2"));
  EXPECT_THAT(failure({"Gather", {ints({0}, {}), ints({1}, {0})}}), HasSubstr("outside"));
}

TEST(ReferenceMoveTest, SlicesByAttributesBeforeOpset10) {
  expect_ints(run({"Slice",
                   {kTable},
                   [](NodeBuilder n) {
                     n.integers("starts", {1}).integers("ends", {1000}).integers("axes", {1});
                   },
                   9}),
              {2, 2}, {2, 3, 5, 6});
}

TEST(ReferenceMoveTest, SlicesWithStepsAndCutsTheEnds) {
  const auto slice = [](int64_t start, int64_t end, int64_t step) {
    return run({"Slice",
                {ints({5}, {0, 1, 2, 3, 4}), ints({1}, {start}), ints({1}, {end}), ints({1}, {0}),
                 ints({1}, {step})}});
  };
  expect_ints(slice(0, 5, 2), {3}, {0, 2, 4});
  expect_ints(slice(-2, INT64_MAX, 1), {2}, {3, 4});
  expect_ints(slice(INT64_MAX, INT64_MIN, -2), {3}, {4, 2, 0});
  expect_ints(slice(4, 0, INT64_MIN), {1}, {4});
  expect_ints(slice(3, 3, 1), {0}, {});
  EXPECT_THAT(
      failure({"Slice", {kTable, ints({1}, {0}), ints({1}, {1}), ints({1}, {0}), ints({1}, {0})}}),
      HasSubstr("a step is 0"));
  EXPECT_THAT(failure({"Slice", {kTable, ints({2}, {0, 0}), ints({1}, {1})}}),
              HasSubstr("differ in length"));
}

TEST(ReferenceMoveTest, Expands) {
  expect_ints(run({"Expand", {ints({2, 1}, {1, 2}), ints({3}, {2, 1, 2})}}), {2, 2, 2},
              {1, 1, 2, 2, 1, 1, 2, 2});
}

TEST(ReferenceMoveTest, MovesEveryType) {
  EXPECT_EQ(values_of<uint8_t>(run({"Transpose", {bools({2, 2}, {0, 1, 0, 0})}})),
            (std::vector<uint8_t>{0, 0, 1, 0}));
  EXPECT_EQ(
      values_of<uint16_t>(run({"Transpose", {make<uint16_t>(DType::kBfloat16, {1, 2}, {1, 2})}})),
      (std::vector<uint16_t>{1, 2}));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
