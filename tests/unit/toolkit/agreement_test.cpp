// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
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
  EXPECT_EQ(result.first_difference->actual, "1.5");
}

TEST(AgreementTest, TakesFloatsOfSeveralClassesAsAScore) {
  const auto result = measure_agreement(row({1, 2, 3}), row({1, 2, 3}));
  EXPECT_EQ(result.rows, 1);
  EXPECT_FALSE(result.top5_overlap.has_value()) << "five of three say nothing";
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{4, 1}}) {
    const Tensor ones = Tensor::from<float>(
        std::vector<float>(static_cast<size_t>(shape.element_count()), 1), shape);
    EXPECT_EQ(measure_agreement(ones, ones).rows, 0) << to_string(shape);
  }
  const auto integers = Tensor::from<int32_t>({1, 2, 3}, {1, 3});
  EXPECT_EQ(measure_agreement(integers, integers).rows, 0);
}

TEST(AgreementTest, CountsHowManyOfTheFiveLargestAreShared) {
  const auto reference = row({9, 8, 7, 6, 5, 4, 3, 2});
  EXPECT_EQ(measure_agreement(reference, reference).top5_overlap, 1.0);
  // 9, 8, 7 and 6 stay; 5 gives way to what was the last.
  EXPECT_DOUBLE_EQ(*measure_agreement(row({9, 8, 7, 6, 1, 4, 3, 10}), reference).top5_overlap, 0.8);
  EXPECT_DOUBLE_EQ(*measure_agreement(row({kNan, 8, 7, 6, 5, 4, 3, 2}), reference).top5_overlap,
                   0.8);
  const auto ties = row({1, 1, 1, 1, 1, 1});
  EXPECT_EQ(measure_agreement(ties, ties).top5_overlap, 1.0);
}

TEST(AgreementTest, MeasuresTheAngleBetweenBoth) {
  EXPECT_DOUBLE_EQ(*measure_agreement(row({2, 4}), row({1, 2})).cosine_similarity, 1);
  EXPECT_DOUBLE_EQ(*measure_agreement(row({1, 0}), row({0, 1})).cosine_similarity, 0);
  EXPECT_DOUBLE_EQ(*measure_agreement(row({-1, -1}), row({1, 1})).cosine_similarity, -1);
  EXPECT_FALSE(measure_agreement(row({0, 0}), row({1, 1})).cosine_similarity.has_value());
  EXPECT_DOUBLE_EQ(*measure_agreement(row({1, kNan}), row({1, 1})).cosine_similarity, 1);
}

TEST(AgreementTest, TellsTheFirstElementThatDiffers) {
  const auto result = measure_agreement(Tensor::from<float>({1, 2, 3, 4.25f}, {2, 2}),
                                        Tensor::from<float>({1, 2, 0, 0}, {2, 2}));
  const Difference& first = *result.first_difference;
  EXPECT_EQ(first.element, 2);
  EXPECT_EQ(first.index, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(to_string(first), "[1,0]: 3, where the reference has 0");
  EXPECT_FALSE(measure_agreement(row({1}), row({1})).first_difference.has_value());
}

TEST(AgreementTest, HoldsIntegersAndBoolsToBeEqualWhateverTheTolerance) {
  const Tolerance wide{.relative = 10, .absolute = 10};
  EXPECT_FALSE(
      measure_agreement(Tensor::from<int32_t>({1}, {1}), Tensor::from<int32_t>({2}, {1}), wide)
          .agrees());
  const auto result = measure_agreement(Tensor::from<bool>({true, false}, {2}),
                                        Tensor::from<bool>({true, true}, {2}), wide);
  EXPECT_EQ(result.disagreeing, 1);
  EXPECT_EQ(result.first_difference->actual, "false");
}

TEST(AgreementTest, ComparesStrings) {
  const std::vector<std::string> a{"one", "two"}, r{"one", "zwei"};
  const auto result =
      measure_agreement(Tensor::from_strings(a, {2}), Tensor::from_strings(r, {2}), {10, 10});
  EXPECT_EQ(result.disagreeing, 1);
  EXPECT_EQ(to_string(*result.first_difference), "[1]: two, where the reference has zwei");
  EXPECT_TRUE(
      measure_agreement(Tensor::from_strings(a, {2}), Tensor::from_strings(a, {2})).agrees());
}

TEST(AgreementTest, ComparesSmallTypesByTheirValues) {
  const auto packed = [](DType dtype, uint8_t bits) {
    Tensor tensor(dtype, {2});
    *static_cast<uint8_t*>(tensor.mutable_data()) = bits;
    return tensor;
  };
  const auto result = measure_agreement(packed(DType::kInt4, 0x7f), packed(DType::kInt4, 0x71));
  EXPECT_EQ(result.disagreeing, 1);
  EXPECT_EQ(result.max_absolute_error, 2) << "-1 and 1";
  EXPECT_EQ(result.rows, 0);
}

TEST(AgreementTest, ComparesBothPartsOfComplexNumbers) {
  const auto complex = [](float real, float imaginary) {
    Tensor tensor(DType::kComplex64, {1});
    const float parts[] = {real, imaginary};
    std::memcpy(tensor.mutable_data(), parts, sizeof parts);
    return tensor;
  };
  const auto result = measure_agreement(complex(1, 2), complex(1, 3));
  EXPECT_EQ(result.elements, 2);
  EXPECT_EQ(result.first_difference->index, (std::vector<int64_t>{0, 1}));
}

TEST(AgreementTest, ComparesBitsWhereThatIsAskedFor) {
  EXPECT_FALSE(measure_agreement(row({-0.0f}), row({0.0f}), kExact).agrees());
  EXPECT_TRUE(measure_agreement(row({-0.0f}), row({0.0f}), {0, 0}).agrees());
  EXPECT_TRUE(measure_agreement(row({kNan, kInf}), row({kNan, kInf}), kExact).agrees());
  EXPECT_FALSE(measure_agreement(row({-kNan}), row({kNan}), kExact).agrees());
  EXPECT_FALSE(measure_agreement(row({1}), row({std::nextafter(1.0f, 2.0f)}), kExact).agrees());
  const auto half = [](uint16_t bits) { return Tensor::from<Float16>({Float16{bits}}, {1}); };
  EXPECT_FALSE(measure_agreement(half(0x8000), half(0), kExact).agrees());
}

TEST(AgreementTest, KnowsPoliciesByName) {
  EXPECT_EQ(tolerance_of_policy("strict"), Tolerance{});
  EXPECT_EQ(to_string(kStrict), "strict (rtol 0.001, atol 1e-05)");
  EXPECT_EQ(to_string(tolerance_of_policy("relaxed")), "relaxed (rtol 0.01, atol 0.001)");
  EXPECT_EQ(to_string(tolerance_of_policy("exact")), "exact (bitwise)");
  EXPECT_EQ(to_string(Tolerance{.relative = 0.5, .absolute = 0}), "rtol 0.5, atol 0");
  EXPECT_ERROR(tolerance_of_policy("loose"), InvalidArgumentError, "'loose'");
}

TEST(AgreementTest, KnowsScalarsAndEmptyTensors) {
  const auto scalar =
      measure_agreement(Tensor::from<double>({1}, {}), Tensor::from<double>({2}, {}));
  EXPECT_EQ(scalar.disagreeing, 1);
  EXPECT_TRUE(scalar.first_difference->index.empty());
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
