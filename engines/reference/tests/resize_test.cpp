// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

NodeCase resize(const Value& x, const Value& scales, const Value& sizes, const std::string& mode,
                const std::string& coordinates = "half_pixel", const Value& roi = nothing()) {
  return {"Resize",
          {x, roi, scales, sizes},
          [=](NodeBuilder n) {
            n.text("mode", mode).text("coordinate_transformation_mode", coordinates);
          },
          19};
}

TEST(ReferenceResizeTest, StretchesALine) {
  const Value x = floats({2}, {1, 3});
  expect_floats(run(resize(x, floats({1}, {2}), nothing(), "linear")), {4}, {1, 1.5f, 2.5f, 3});
  expect_floats(run(resize(x, nothing(), ints({1}, {3}), "linear", "align_corners")), {3},
                {1, 2, 3});
  expect_floats(run(resize(x, floats({1}, {2}), nothing(), "nearest", "asymmetric")), {4},
                {1, 1, 3, 3});
  expect_floats(run({"Resize", {x, floats({1}, {1.5f})}, {}, 10}), {3}, {1, 1, 3});
}

TEST(ReferenceResizeTest, TakesTheNearestOfAnyType) {
  expect_ints(run(resize(ints({2}, {INT64_MAX, 1}), floats({1}, {2}), nothing(), "nearest")), {4},
              {INT64_MAX, INT64_MAX, 1, 1});
  EXPECT_EQ(run(resize(strings({1}, {"a"}), floats({1}, {2}), nothing(), "nearest")).strings,
            (std::vector<std::string>{"a", "a"}));
}

TEST(ReferenceResizeTest, CropsAndExtrapolates) {
  expect_floats(run(resize(floats({3}, {1, 2, 3}), nothing(), ints({1}, {3}), "linear",
                           "tf_crop_and_resize", floats({2}, {0.5f, 1.5f}))),
                {3}, {2, 3, 0});
  EXPECT_THAT(failure(resize(floats({1}, {1}), floats({1}, {2}), nothing(), "linear",
                             "tf_crop_and_resize")),
              HasSubstr("region of interest is missing"));
}

TEST(ReferenceResizeTest, RefusesWhatIsNotPossible) {
  const Value x = floats({2}, {1, 3});
  for (const float scale : {0.0f, -1.0f, NAN, INFINITY}) {
    EXPECT_THAT(failure(resize(x, floats({1}, {scale}), nothing(), "linear")),
                HasSubstr("not positive"));
  }
  EXPECT_THAT(failure(resize(x, floats({1}, {1e30f}), nothing(), "linear"), XPURT_OUT_OF_MEMORY),
              HasSubstr("too large"));
  EXPECT_THAT(failure(resize(x, floats({2}, {1, 1}), nothing(), "linear")),
              HasSubstr("must have 1 numbers"));
  EXPECT_THAT(failure(resize(x, nothing(), nothing(), "linear")), HasSubstr("missing"));
  EXPECT_THAT(failure(resize(x, floats({1}, {2}), nothing(), "sinc")), HasSubstr("'sinc'"));
  EXPECT_THAT(failure(resize(x, floats({1}, {2}), nothing(), "linear", "odd")), HasSubstr("'odd'"));
}

TEST(ReferenceConvTransposeTest, SpreadsTheInput) {
  const Value x = floats({1, 1, 2}, {1, 2});
  const Value w = floats({1, 1, 2}, {1, 10});
  const auto conv = [&](const std::function<void(NodeBuilder)>& attributes) {
    return NodeCase{"ConvTranspose", {x, w}, attributes};
  };
  expect_floats(run(conv({})), {1, 1, 3}, {1, 12, 20});
  expect_floats(
      run(conv([](NodeBuilder n) { n.integers("strides", {2}).integers("pads", {1, 0}); })),
      {1, 1, 3}, {10, 2, 20});
  expect_floats(run(conv([](NodeBuilder n) { n.integers("output_shape", {2}); })), {1, 1, 2},
                {12, 20});
  EXPECT_THAT(failure(conv([](NodeBuilder n) { n.integers("pads", {9, 9}); })),
              HasSubstr("negative dimension"));
  EXPECT_THAT(failure(conv([](NodeBuilder n) { n.integer("group", 2); })), HasSubstr("group"));
  EXPECT_THAT(failure(conv([](NodeBuilder n) { n.integers("strides", {0}); })),
              HasSubstr("'strides' has 0"));
}

TEST(ReferenceMoveTest, MovesDepthToSpaceAndBack) {
  const auto block = [](int64_t size) {
    return [size](NodeBuilder n) { n.integer("blocksize", size); };
  };
  const Value deep = ints({1, 4, 1, 1}, {1, 2, 3, 4});
  const Value wide = ints({1, 1, 2, 2}, {1, 2, 3, 4});
  expect_ints(run({"DepthToSpace", {deep}, block(2)}), {1, 1, 2, 2}, {1, 2, 3, 4});
  expect_ints(run({"SpaceToDepth", {wide}, block(2)}), {1, 4, 1, 1}, {1, 2, 3, 4});
  for (const int64_t size : {int64_t{0}, int64_t{-2}, INT64_MAX, int64_t{3}}) {
    EXPECT_NE(failure({"DepthToSpace", {deep}, block(size)}), "no failure");
    EXPECT_NE(failure({"SpaceToDepth", {wide}, block(size)}), "no failure");
  }
}

}  // namespace
}  // namespace xpuruntime::reference::testing
