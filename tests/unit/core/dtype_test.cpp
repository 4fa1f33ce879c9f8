// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "expect_error.h"
#include "xpuruntime/engine/abi.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Row {
  DType dtype;
  int number;
  const char* name;
  size_t bits;
};

constexpr Row kTable[] = {
    {DType::kFloat32, XPURT_FLOAT, "float32", 32},
    {DType::kUInt8, XPURT_UINT8, "uint8", 8},
    {DType::kInt8, XPURT_INT8, "int8", 8},
    {DType::kUInt16, XPURT_UINT16, "uint16", 16},
    {DType::kInt16, XPURT_INT16, "int16", 16},
    {DType::kInt32, XPURT_INT32, "int32", 32},
    {DType::kInt64, XPURT_INT64, "int64", 64},
    {DType::kString, XPURT_STRING, "string", 0},
    {DType::kBool, XPURT_BOOL, "bool", 8},
    {DType::kFloat16, XPURT_FLOAT16, "float16", 16},
    {DType::kFloat64, XPURT_DOUBLE, "float64", 64},
    {DType::kUInt32, XPURT_UINT32, "uint32", 32},
    {DType::kUInt64, XPURT_UINT64, "uint64", 64},
    {DType::kComplex64, XPURT_COMPLEX64, "complex64", 64},
    {DType::kComplex128, XPURT_COMPLEX128, "complex128", 128},
    {DType::kBFloat16, XPURT_BFLOAT16, "bfloat16", 16},
    {DType::kFloat8E4M3FN, XPURT_FLOAT8E4M3FN, "float8_e4m3fn", 8},
    {DType::kFloat8E4M3FNUZ, XPURT_FLOAT8E4M3FNUZ, "float8_e4m3fnuz", 8},
    {DType::kFloat8E5M2, XPURT_FLOAT8E5M2, "float8_e5m2", 8},
    {DType::kFloat8E5M2FNUZ, XPURT_FLOAT8E5M2FNUZ, "float8_e5m2fnuz", 8},
    {DType::kUInt4, XPURT_UINT4, "uint4", 4},
    {DType::kInt4, XPURT_INT4, "int4", 4},
    {DType::kFloat4E2M1, XPURT_FLOAT4E2M1, "float4_e2m1fn", 4},
    {DType::kFloat8E8M0, XPURT_FLOAT8E8M0, "float8_e8m0fnu", 8},
    {DType::kUInt2, XPURT_UINT2, "uint2", 2},
    {DType::kInt2, XPURT_INT2, "int2", 2},
    {DType::kFloat6E2M3, XPURT_FLOAT6E2M3, "float6_e2m3fn", 0},
    {DType::kFloat6E3M2, XPURT_FLOAT6E3M2, "float6_e3m2fn", 0},
};

/// What IEEE 754 says binary16 bits mean, computed another way than dtype.cpp does.
float value_of_half(uint16_t bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
  const int exponent = (bits >> 10) & 0x1F;
  const double fraction = (bits & 0x3FF) / 1024.0;
  if (exponent == 0x1F) {
    return static_cast<float>(fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                                            : sign * std::numeric_limits<double>::infinity());
  }
  return static_cast<float>(exponent == 0 ? sign * std::ldexp(fraction, -14)
                                          : sign * std::ldexp(1.0 + fraction, exponent - 15));
}

uint32_t bits_of(float value) { return std::bit_cast<uint32_t>(value); }

TEST(DTypeTest, HasTheNumberNameAndSizeOfEachType) {
  for (const Row& row : kTable) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(static_cast<int>(row.dtype), row.number);
    EXPECT_EQ(dtype_name(row.dtype), row.name);
    EXPECT_EQ(dtype_from_name(row.name), row.dtype);
    EXPECT_EQ(element_bits(row.dtype), row.bits);
  }
}

TEST(DTypeTest, SaysWhatIsNoType) {
  EXPECT_EQ(dtype_name(DType::kUndefined), "undefined");
  EXPECT_EQ(dtype_name(static_cast<DType>(99)), "undefined");
  EXPECT_EQ(element_bits(DType::kUndefined), 0U);
  EXPECT_EQ(element_bits(static_cast<DType>(-1)), 0U);
}

TEST(DTypeTest, NamesTheNearestOfAnUnknownName) {
  EXPECT_ERROR(dtype_from_name("flaot32"), InvalidArgumentError,
               "unknown dtype 'flaot32'; did you mean 'float32'?");
  EXPECT_ERROR(dtype_from_name(""), InvalidArgumentError, HasSubstr("unknown dtype ''"),
               Not(HasSubstr("did you mean")));
  EXPECT_THROW(dtype_from_name("undefined"), InvalidArgumentError);
}

TEST(DTypeTest, KnowsTheTypeOfAnElement) {
  static_assert(kDTypeOf<float> == DType::kFloat32 && kDTypeOf<double> == DType::kFloat64);
  static_assert(kDTypeOf<bool> == DType::kBool && kDTypeOf<uint64_t> == DType::kUInt64);
  static_assert(kDTypeOf<Float16> == DType::kFloat16 && kDTypeOf<BFloat16> == DType::kBFloat16);
  static_assert(Element<int8_t> && !Element<char> && !Element<void*>);
}

TEST(DTypeTest, Float16HasTheValueOfEachOfItsBitPatterns) {
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = to_float(Float16{half});
    const float expected = value_of_half(half);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(value)) << bits;
      ASSERT_TRUE(std::isnan(to_float(to_float16(value)))) << bits;
    } else {
      ASSERT_EQ(bits_of(value), bits_of(expected)) << bits;
      ASSERT_EQ(to_float16(value).bits, half);
    }
  }
}

TEST(DTypeTest, Float16RoundsTiesToEvenBetweenAllNeighbours) {
  for (uint16_t low = 0; low < 0x7BFF; ++low) {
    const uint16_t high = static_cast<uint16_t>(low + 1);
    const float tie = (value_of_half(low) + value_of_half(high)) / 2;  // exact in float
    const uint16_t even = (low & 1U) == 0 ? low : high;
    ASSERT_EQ(to_float16(tie).bits, even) << low;
    ASSERT_EQ(to_float16(-tie).bits, even | 0x8000) << low;
    ASSERT_EQ(to_float16(std::nextafter(tie, 0.0F)).bits, low) << low;
    ASSERT_EQ(to_float16(std::nextafter(tie, 1e9F)).bits, high) << low;
  }
}

TEST(DTypeTest, Float16GoesToInfinityAndToZeroAtItsEnds) {
  EXPECT_EQ(to_float16(65504.0F).bits, 0x7BFF);
  EXPECT_EQ(to_float16(65519.996F).bits, 0x7BFF);
  EXPECT_EQ(to_float16(65520.0F).bits, 0x7C00);
  EXPECT_EQ(to_float16(-3e38F).bits, 0xFC00);
  EXPECT_EQ(to_float16(std::numeric_limits<float>::infinity()).bits, 0x7C00);
  EXPECT_EQ(to_float16(std::ldexp(1.0F, -25)).bits, 0);
  EXPECT_EQ(to_float16(std::numeric_limits<float>::denorm_min()).bits, 0);
  EXPECT_EQ(to_float16(-0.0F).bits, 0x8000);
  EXPECT_TRUE(std::isnan(to_float(to_float16(std::bit_cast<float>(0x7F800001U)))));
}

TEST(DTypeTest, BFloat16HasTheValueOfEachOfItsBitPatterns) {
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = to_float(BFloat16{static_cast<uint16_t>(bits)});
    ASSERT_EQ(bits_of(value), bits << 16);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(to_float(to_bfloat16(value)))) << bits;
    } else {
      ASSERT_EQ(to_bfloat16(value).bits, bits);
    }
  }
}

TEST(DTypeTest, BFloat16RoundsTiesToEvenBetweenAllNeighbours) {
  for (uint32_t low = 0; low < 0x7F80; ++low) {
    const uint32_t even = (low & 1U) == 0 ? low : low + 1;
    const uint32_t tie = (low << 16) | 0x8000U;
    ASSERT_EQ(to_bfloat16(std::bit_cast<float>(tie)).bits, even);
    ASSERT_EQ(to_bfloat16(std::bit_cast<float>(tie | 0x80000000U)).bits, even | 0x8000U);
    ASSERT_EQ(to_bfloat16(std::bit_cast<float>(tie - 1)).bits, low);
    ASSERT_EQ(to_bfloat16(std::bit_cast<float>(tie + 1)).bits, low + 1);
  }
}

TEST(DTypeTest, BFloat16KeepsANaNWhosePayloadIsCutOff) {
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::bit_cast<float>(0x7F800001U)))));
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::bit_cast<float>(0xFFFFFFFFU)))));
}

}  // namespace
}  // namespace xpuruntime
