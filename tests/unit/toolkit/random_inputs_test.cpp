// SPDX-License-Identifier: Apache-2.0
#include "toolkit/random_inputs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "expect_error.h"
#include "toolkit/element_visit.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

TensorInfo info(const std::string& name, const Shape& shape,
                const std::vector<std::string>& dim_names = {}) {
  TensorInfo made;
  made.name = name;
  made.dtype = DType::kFloat32;
  made.shape = shape;
  made.dim_names = dim_names;
  return made;
}

TEST(RandomInputsTest, RepeatsItselfForOneSeed) {
  const TensorInfo x = info("x", {-1, 100});
  const auto values = [&](const TensorInfo& of, uint64_t seed) {
    const Tensor tensor = random_tensor(of, {2, 100}, seed);
    const auto span = tensor.values<float>();
    return std::vector<float>(span.begin(), span.end());
  };
  EXPECT_EQ(values(x, 1), values(x, 1));
  EXPECT_NE(values(x, 1), values(x, 2));
  EXPECT_NE(values(x, 1), values(info("y", {-1, 100}), 1));
}

TEST(RandomInputsTest, StaysWithinBoundsForEveryType) {
  constexpr std::array kAll{DType::kBool,    DType::kInt8,    DType::kInt64,
                            DType::kUInt8,   DType::kUInt64,  DType::kFloat16,
                            DType::kFloat32, DType::kFloat64, DType::kBFloat16};
  for (const DType dtype : kAll) {
    TensorInfo x = info("x", {1000});
    x.dtype = dtype;
    const Tensor tensor = random_tensor(x, {1000}, 0);
    const bool whole = dtype == DType::kBool || dtype == DType::kInt8 || dtype == DType::kInt64 ||
                       dtype == DType::kUInt8 || dtype == DType::kUInt64;
    visit_element_type(dtype, [&](auto element) {
      double sum = 0;
      for (const auto value : tensor.values<decltype(element)>()) {
        const double number = as_double(value);
        EXPECT_TRUE(number >= 0 && (whole ? number == 0 || number == 1 : number < 1)) << number;
        sum += number;
      }
      EXPECT_NEAR(sum / 1000, 0.5, 0.1) << dtype_name(dtype);
    });
  }
}

TEST(RandomInputsTest, FillsInDynamicDimensions) {
  const std::vector inputs{info("a", {-1, 3, -1}), info("b", {2, -1})};
  EXPECT_THAT(input_shapes(inputs, {{}, 4}), ::testing::ElementsAre(Shape{4, 3, 1}, Shape{2, 1}));
}

TEST(RandomInputsTest, GivesDimensionsOfOneNameOneSize) {
  const std::vector inputs{info("ids", {-1, -1}, {"batch", "length"}),
                           info("mask", {-1, -1}, {"length", "batch"})};
  EXPECT_THAT(input_shapes({inputs.data(), 1}, {{}, 8}), ::testing::ElementsAre(Shape{8, 1}));
  EXPECT_THAT(input_shapes(inputs, {{{"ids", Shape{2, 16}}}, 8}),
              ::testing::ElementsAre(Shape{2, 16}, Shape{16, 2}));
}

TEST(RandomInputsTest, LeavesOpenWhatIsGivenAsMinusOne) {
  const std::vector inputs{info("ids", {-1, -1}, {"batch", "length"})};
  EXPECT_THAT(input_shapes(inputs, {{{"ids", Shape{-1, 16}}}, 8}),
              ::testing::ElementsAre(Shape{8, 16}));
}

TEST(RandomInputsTest, RejectsShapesThatDoNotFit) {
  const std::vector inputs{info("x", {-1, 3})};
  EXPECT_ERROR(input_shapes(inputs, {{{"x", Shape{1, 4}}}, 1}), InvalidArgumentError,
               "input 'x': expected a shape that fits");
  EXPECT_THROW(input_shapes(inputs, {{{"x", Shape{1}}}, 1}), InvalidArgumentError);
  EXPECT_THROW(input_shapes(inputs, {{{"x", Shape{-2, 3}}}, 1}), InvalidArgumentError);
  EXPECT_ERROR(input_shapes(inputs, {{{"z", Shape{1}}}, 1}), InvalidArgumentError, "'z'");
}

TEST(RandomInputsTest, AsksForTheShapeOfAnUnknownRank) {
  TensorInfo x = info("x", {});
  x.has_rank = false;
  const std::vector inputs{x};
  EXPECT_ERROR(input_shapes(inputs, {}), InvalidArgumentError, "its shape must be given");
  EXPECT_THAT(input_shapes(inputs, {{{"x", Shape{2, 2}}}, 1}), ::testing::ElementsAre(Shape{2, 2}));
  EXPECT_FALSE(takes_batch(inputs));
}

TEST(RandomInputsTest, AsksForAnInputOfAnUnknownType) {
  TensorInfo x = info("x", {2});
  x.dtype = DType::kUndefined;
  EXPECT_ERROR(input_shapes(std::vector{x}, {}), InvalidArgumentError, "give the input");
}

TEST(RandomInputsTest, KnowsWhichModelsTakeABatch) {
  EXPECT_TRUE(takes_batch(std::vector{info("x", {1, 3}), info("y", {-1})}));
  EXPECT_FALSE(takes_batch(std::vector{info("x", {1, -1}), info("y", {})}));
}

}  // namespace
}  // namespace xpuruntime::toolkit
