// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expect_error.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor row(std::initializer_list<float> values) {
  return Tensor::from<float>(values, {1, static_cast<int64_t>(values.size())});
}

TEST(AgreementTest, MeasuresErrorsAgainstTheReference) {
  const auto result = measure_agreement(row({1, 2.5f, 0.5f}), row({1, 2, 0}), {0.1, 0.1});
  EXPECT_EQ(result.elements, 3);
  EXPECT_DOUBLE_EQ(result.max_absolute_error, 0.5);
  EXPECT_DOUBLE_EQ(result.mean_absolute_error, 1.0 / 3);
  EXPECT_DOUBLE_EQ(result.max_relative_error, 0.25);
  EXPECT_DOUBLE_EQ(result.mean_relative_error, 0.125);  // the reference's 0 has none
  EXPECT_EQ(result.disagreeing, 2);
  EXPECT_FALSE(result.agrees());
}

TEST(AgreementTest, AddsBothTolerances) {
  EXPECT_TRUE(measure_agreement(row({10.5f}), row({10}), {0.04, 0.1}).agrees());
  EXPECT_FALSE(measure_agreement(row({10.5f}), row({10}), {0.03, 0.1}).agrees());
}

TEST(AgreementTest, TakesSameNanAndInfinityAsAgreeing) {
  EXPECT_TRUE(measure_agreement(row({kNan, kInf, -kInf}), row({kNan, kInf, -kInf})).agrees());
  const auto result = measure_agreement(row({kNan, kInf, 1, kInf}), row({1, -kInf, kNan, 1}));
  EXPECT_EQ(result.disagreeing, 4);
  EXPECT_EQ(result.actual_nan, 1);
  EXPECT_EQ(result.actual_infinite, 2);
  EXPECT_EQ(result.reference_nan, 1);
  EXPECT_EQ(result.reference_infinite, 1);
  EXPECT_EQ(result.max_absolute_error, 0);
}

TEST(AgreementTest, ComparesTheLargestOfEachRow) {
  const auto actual = Tensor::from<float>({1, 2, 3, 9, 5, 5}, {3, 2});
  const auto reference = Tensor::from<float>({1, 2, 3, 1, 5, 5}, {3, 2});
  const auto result = measure_agreement(actual, reference);
  EXPECT_EQ(result.rows, 3);
  EXPECT_EQ(result.rows_same_argmax, 2);
  const auto numberless = measure_agreement(row({kNan, kNan}), row({kNan, kNan}));
  EXPECT_EQ(numberless.rows_same_argmax, 0);
}

TEST(AgreementTest, ComparesLargeIntegersExactly) {
  constexpr int64_t kLarge = (int64_t{1} << 53) + 1;
  const auto result = measure_agreement(Tensor::from<int64_t>({kLarge}, {1}),
                                        Tensor::from<int64_t>({kLarge - 1}, {1}), {0, 0});
  EXPECT_EQ(result.max_absolute_error, 1);
  EXPECT_FALSE(result.agrees());
  const auto widest =
      measure_agreement(Tensor::from<int64_t>({std::numeric_limits<int64_t>::min()}, {1}),
                        Tensor::from<int64_t>({std::numeric_limits<int64_t>::max()}, {1}), {0, 0});
  EXPECT_DOUBLE_EQ(widest.max_absolute_error, 0x1p64);
}

TEST(AgreementTest, ReadsHalves) {
  const auto actual = Tensor::from<Float16>({to_float16(1.5f), to_float16(1)}, {2});
  const auto reference = Tensor::from<Float16>({to_float16(1), to_float16(1)}, {2});
  const auto result = measure_agreement(actual, reference);
  EXPECT_EQ(result.max_absolute_error, 0.5);
  EXPECT_EQ(result.rows_same_argmax, 1);
}

TEST(AgreementTest, KnowsScalarsAndEmptyTensors) {
  const auto scalar =
      measure_agreement(Tensor::from<double>({1}, {}), Tensor::from<double>({1}, {}));
  EXPECT_EQ(scalar.rows_same_argmax, 1);
  for (const Shape& shape : {Shape{0, 3}, Shape{3, 0}}) {
    const Tensor empty(DType::kFloat32, shape);
    const auto result = measure_agreement(empty, empty);
    EXPECT_TRUE(result.agrees());
    EXPECT_EQ(result.elements, 0);
    EXPECT_EQ(result.rows, 0);
  }
}

TEST(AgreementTest, RejectsTensorsOfAnotherKind) {
  EXPECT_ERROR(measure_agreement(row({1}), Tensor::from<float>({1}, {1})), InvalidArgumentError,
               "float32[1]");
  EXPECT_THROW(measure_agreement(row({1}), Tensor::from<double>({1}, {1, 1})),
               InvalidArgumentError);
  EXPECT_THROW(measure_agreement(row({1}), row({1}), {-1, 0}), InvalidArgumentError);
  EXPECT_THROW(measure_agreement(row({1}), row({1}), {0, std::nan("")}), InvalidArgumentError);
}

}  // namespace
}  // namespace xpuruntime::toolkit
