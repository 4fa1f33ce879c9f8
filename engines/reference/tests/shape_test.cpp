// SPDX-License-Identifier: Apache-2.0
#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Value kCube = floats({2, 1, 3}, {1, 2, 3, 4, 5, 6});

std::vector<int64_t> reshaped(const Value& x, const std::vector<int64_t>& shape,
                              int64_t allowzero = 0) {
  return run({"Reshape",
              {x, ints({static_cast<int64_t>(shape.size())}, shape)},
              [allowzero](NodeBuilder n) { n.integer("allowzero", allowzero); }})
      .shape;
}

TEST(ReferenceShapeTest, ReshapesWithCopiedAndInferredDimensions) {
  EXPECT_THAT(reshaped(kCube, {3, 2}), ElementsAre(3, 2));
  EXPECT_THAT(reshaped(kCube, {0, -1}), ElementsAre(2, 3));
  EXPECT_THAT(reshaped(floats({}, {1}), {1, 1}), ElementsAre(1, 1));
  EXPECT_THAT(reshaped(floats({1}, {1}), {}), ElementsAre());
}

TEST(ReferenceShapeTest, ReshapesAnEmptyBatch) {
  const Value empty = floats({0, 3, 4}, {});
  EXPECT_THAT(reshaped(empty, {0, -1}), ElementsAre(0, 12));
  EXPECT_THAT(reshaped(empty, {-1, 12}), ElementsAre(0, 12));
  EXPECT_THAT(reshaped(empty, {3, 0}, 1), ElementsAre(3, 0));
}

TEST(ReferenceShapeTest, RefusesReshapesThatLoseElements) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{4},
                                            {-1, 4},
                                            {-1, -1},
                                            {-2, -3},
                                            {2, 1, 3, 0},
                                            {INT64_MAX, INT64_MAX}}) {
    EXPECT_THAT(failure({"Reshape", {kCube, ints({static_cast<int64_t>(shape.size())}, shape)}}),
                HasSubstr("node 'tested' (Reshape)"));
  }
}

TEST(ReferenceShapeTest, Flattens) {
  const auto flat = [](int64_t axis) {
    return run({"Flatten", {kCube}, [axis](NodeBuilder n) { n.integer("axis", axis); }}).shape;
  };
  EXPECT_THAT(flat(1), ElementsAre(2, 3));
  EXPECT_THAT(flat(0), ElementsAre(1, 6));
  EXPECT_THAT(flat(3), ElementsAre(6, 1));
  EXPECT_THAT(flat(-1), ElementsAre(2, 3));
}

TEST(ReferenceShapeTest, TakesAxesFromAttributesBeforeOpset13AndFromInputsAfter) {
  const auto axes = [](std::vector<int64_t> values) {
    return [values](NodeBuilder n) { n.integers("axes", values); };
  };
  EXPECT_THAT(run({"Squeeze", {kCube}, axes({1}), 11}).shape, ElementsAre(2, 3));
  EXPECT_THAT(run({"Squeeze", {kCube, ints({1}, {-2})}}).shape, ElementsAre(2, 3));
  EXPECT_THAT(run({"Squeeze", {kCube}}).shape, ElementsAre(2, 3));
  EXPECT_THAT(run({"Unsqueeze", {kCube}, axes({0, 4}), 11}).shape, ElementsAre(1, 2, 1, 3, 1));
  EXPECT_THAT(run({"Unsqueeze", {kCube, ints({1}, {-1})}}).shape, ElementsAre(2, 1, 3, 1));
  EXPECT_THAT(failure({"Squeeze", {kCube, ints({1}, {0})}}), HasSubstr("dimension 0 is not 1"));
  EXPECT_THAT(failure({"Unsqueeze", {kCube, ints({2}, {0, 0})}}), HasSubstr("given twice"));
  EXPECT_THAT(failure({"Unsqueeze", {kCube}}), HasSubstr("axes are missing"));
}

TEST(ReferenceShapeTest, TellsAShapeOrAPartOfIt) {
  const auto shape = [](std::function<void(NodeBuilder)> attributes) {
    return run({"Shape", {kCube}, std::move(attributes), 17, {DType::kInt64}});
  };
  expect_ints(shape({}), {3}, {2, 1, 3});
  expect_ints(shape([](NodeBuilder n) { n.integer("start", -2).integer("end", 100); }), {2},
              {1, 3});
  expect_ints(shape([](NodeBuilder n) { n.integer("start", 2).integer("end", 1); }), {0}, {});
}

TEST(ReferenceConstantTest, HoldsNumbersListsAndTensors) {
  ModelBuilder model;
  model.output("a", DType::kFloat).output("b", DType::kInt64).output("c", DType::kInt64);
  model.node("Constant", {}, {"a"}).tensor("value", floats({2}, {1, 2}));
  model.node("Constant", {}, {"b"}).integer("value_int", 7);
  model.node("Constant", {}, {"c"}).integers("value_ints", {1, 2, 3});
  const auto outputs = Session(model.bytes()).run({});
  expect_floats(outputs[0], {2}, {1, 2});
  expect_ints(outputs[1], {}, {7});
  expect_ints(outputs[2], {3}, {1, 2, 3});
}

TEST(ReferenceConstantTest, FillsShapesAndRefusesAbsurdOnes) {
  const auto fill = [](std::vector<int64_t> shape) {
    return NodeCase{"ConstantOfShape",
                    {ints({static_cast<int64_t>(shape.size())}, shape)},
                    {},
                    17,
                    {DType::kFloat}};
  };
  expect_floats(run(fill({2, 1})), {2, 1}, {0, 0});
  expect_floats(run(fill({0, 5})), {0, 5}, {});
  EXPECT_THAT(failure(fill({int64_t{1} << 40, int64_t{1} << 10}), XPURT_OUT_OF_MEMORY),
              ::testing::StartsWith("a value float32 [1099511627776, 1024] is too large"));
  EXPECT_THAT(failure(fill({INT64_MAX, INT64_MAX}), XPURT_OUT_OF_MEMORY),
              ::testing::StartsWith("a value float32"));
  EXPECT_THAT(failure(fill({-1})), HasSubstr("negative dimension"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
