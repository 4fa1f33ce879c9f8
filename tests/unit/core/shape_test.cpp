// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/shape.h"

#include <gtest/gtest.h>

#include <numeric>
#include <utility>
#include <vector>

#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kHuge = int64_t{1} << 40;

Shape counting(size_t rank) {
  std::vector<int64_t> dims(rank);
  std::iota(dims.begin(), dims.end(), 1);
  return Shape(std::span<const int64_t>(dims));
}

TEST(ShapeTest, HoldsAnyNumberOfDimensions) {
  for (size_t rank = 0; rank <= 9; ++rank) {
    const Shape shape = counting(rank);
    ASSERT_EQ(shape.rank(), rank);
    int64_t expected = 1;
    for (const int64_t dim : shape) EXPECT_EQ(dim, expected++);
    EXPECT_EQ(shape.dims().size(), rank);
  }
}

TEST(ShapeTest, CopiesAndAssignsBetweenFewAndManyDimensions) {
  const Shape few = counting(6);
  const Shape many = counting(7);
  Shape shape = many;
  EXPECT_EQ(shape, many);
  shape = few;
  EXPECT_EQ(shape, few);
  shape = many;
  EXPECT_EQ(shape, many);
  const Shape taken = std::move(shape);
  EXPECT_EQ(taken, many);
  shape = few;
  EXPECT_EQ(shape, few);
  EXPECT_NE(taken.data(), many.data());
}

TEST(ShapeTest, ComparesRankAndDimensions) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_FALSE((Shape{2, 3} == Shape{3, 2}));
  EXPECT_FALSE((Shape{2, 3} == Shape{2, 3, 1}));
  EXPECT_FALSE(counting(8) == counting(7));
  EXPECT_EQ(Shape(), Shape{});
}

TEST(ShapeTest, CountsElements) {
  EXPECT_EQ(Shape().element_count(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).element_count(), 24);
  EXPECT_EQ(counting(8).element_count(), 40320);
  EXPECT_EQ((Shape{INT64_MAX}).element_count(), INT64_MAX);
}

TEST(ShapeTest, AnEmptyDimensionMakesItEmptyHoweverLargeTheOthersAre) {
  EXPECT_EQ((Shape{0}).element_count(), 0);
  EXPECT_EQ((Shape{3, 0, 2}).element_count(), 0);
  EXPECT_EQ((Shape{kHuge, kHuge, 0}).element_count(), 0);
  EXPECT_EQ((Shape{0, kHuge, kHuge}).element_count(), 0);
}

TEST(ShapeTest, RefusesToCountWhatDoesNotFit) {
  EXPECT_ERROR((Shape{kHuge, kHuge}.element_count()), InvalidArgumentError,
               "shape [1099511627776,1099511627776] has too many elements");
  EXPECT_ERROR((Shape{INT64_MAX, 2}.element_count()), InvalidArgumentError,
               HasSubstr("too many elements"));
}

TEST(ShapeTest, RefusesToCountANegativeDimension) {
  EXPECT_ERROR((Shape{2, -1}.element_count()), InvalidArgumentError,
               "shape [2,-1] has a negative dimension");
  EXPECT_ERROR((Shape{0, -1}.element_count()), InvalidArgumentError, HasSubstr("negative"));
  EXPECT_ERROR((Shape{INT64_MIN}.element_count()), InvalidArgumentError, HasSubstr("negative"));
}

TEST(ShapeTest, KnowsWhetherItIsStatic) {
  EXPECT_TRUE(Shape().is_static());
  EXPECT_TRUE((Shape{0, 2}).is_static());
  EXPECT_FALSE((Shape{2, -1}).is_static());
}

TEST(ShapeTest, IsWrittenInBrackets) {
  EXPECT_EQ(to_string(Shape()), "[]");
  EXPECT_EQ(to_string(Shape{1, 3, -1}), "[1,3,-1]");
  EXPECT_EQ(to_string(counting(7)), "[1,2,3,4,5,6,7]");
}

}  // namespace
}  // namespace xpuruntime
