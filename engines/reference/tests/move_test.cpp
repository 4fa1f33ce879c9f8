// SPDX-License-Identifier: Apache-2.0
#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

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

TEST(ReferenceMoveTest, SplitsByLengthsOrEvenly) {
  const auto split = [](std::vector<Value> inputs, int64_t opset) {
    return NodeCase{"Split",
                    std::move(inputs),
                    [](NodeBuilder n) { n.integer("axis", 1); },
                    opset,
                    {DType::kInt64, DType::kInt64}};
  };
  const auto evenly = run_all(split({kTable}, 18));
  expect_ints(evenly[0], {2, 2}, {1, 2, 4, 5});
  expect_ints(evenly[1], {2, 1}, {3, 6});
  expect_ints(run_all(split({kTable, ints({2}, {0, 3})}, 13))[0], {2, 0}, {});
  for (const std::vector<int64_t>& lengths :
       {std::vector<int64_t>{1, 1}, {4, -1}, {INT64_MAX, 5}, {3, 0}}) {
    const auto text = failure(split({kTable, ints({2}, lengths)}, 13));
    EXPECT_EQ(text == "no failure", lengths[0] == 3) << text;
  }
  EXPECT_THAT(failure(split({kTable, ints({1}, {3})}, 13)), HasSubstr("one an output"));
}

TEST(ReferenceMoveTest, TilesAndCutsTriangles) {
  expect_ints(run({"Tile", {kTable, ints({2}, {1, 2})}}), {2, 6},
              {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
  expect_ints(run({"Tile", {kTable, ints({2}, {0, 2})}}), {0, 6}, {});
  EXPECT_THAT(failure({"Tile", {kTable, ints({2}, {INT64_MAX, 1})}}), HasSubstr("not possible"));
  expect_ints(run({"Trilu", {kTable, ints({}, {1})}}), {2, 3}, {0, 2, 3, 0, 0, 6});
  expect_ints(run({"Trilu", {kTable, ints({}, {INT64_MIN})}}), {2, 3}, {1, 2, 3, 4, 5, 6});
  expect_ints(run({"Trilu", {kTable}, [](NodeBuilder n) { n.integer("upper", 0); }}), {2, 3},
              {1, 0, 0, 4, 5, 0});
}

TEST(ReferenceMoveTest, CountsRanges) {
  const auto range = [](int64_t start, int64_t limit, int64_t delta) {
    return NodeCase{"Range", {ints({}, {start}), ints({}, {limit}), ints({}, {delta})}};
  };
  expect_ints(run(range(1, 6, 2)), {3}, {1, 3, 5});
  expect_ints(run(range(5, 0, -3)), {2}, {5, 2});
  expect_ints(run(range(5, 5, 1)), {0}, {});
  EXPECT_THAT(failure(range(0, 1, 0)), HasSubstr("delta is 0"));
  EXPECT_THAT(failure(range(INT64_MIN, INT64_MAX, 1), XPURT_OUT_OF_MEMORY), HasSubstr("too large"));
  EXPECT_THAT(failure({"Range", {floats({}, {0}), floats({}, {INFINITY}), floats({}, {1})}},
                      XPURT_OUT_OF_MEMORY),
              HasSubstr("too large"));
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
