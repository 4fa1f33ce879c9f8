// SPDX-License-Identifier: Apache-2.0
#include "dtype.h"

#include <gtest/gtest.h>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

TEST(ReferenceDTypeTest, EveryHalfSurvivesTheWayThroughFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Float16 half{static_cast<uint16_t>(bits)};
    const Bfloat16 brain{static_cast<uint16_t>(bits)};
    if (!std::isnan(to_float(half))) {
      ASSERT_EQ(to_float16(to_float(half)).bits, bits);
    }
    if (!std::isnan(to_float(brain))) {
      ASSERT_EQ(to_bfloat16(to_float(brain)).bits, bits);
    }
  }
  EXPECT_TRUE(std::isnan(to_float(to_float16(NAN))));
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(NAN))));
}

TEST(ReferenceDTypeTest, HalvesRoundToNearestEven) {
  EXPECT_EQ(to_float16(1.0f + 0x1p-11f).bits, 0x3c00);  // halfway: to even
  EXPECT_EQ(to_float16(1.0f + 0x3p-11f).bits, 0x3c02);  // halfway: to even
  EXPECT_EQ(to_float16(1.0f + 0x1p-11f + 0x1p-20f).bits, 0x3c01);
  EXPECT_EQ(to_float16(65519.0f).bits, 0x7bff);
  EXPECT_EQ(to_float16(65520.0f).bits, 0x7c00);
  EXPECT_EQ(to_float16(-INFINITY).bits, 0xfc00);
  EXPECT_EQ(to_float16(0x1p-25f).bits, 0x0000);  // halfway to the least: to even
  EXPECT_EQ(to_float16(0x1.8p-25f).bits, 0x0001);
  EXPECT_EQ(to_bfloat16(1.0f + 0x1p-8f).bits, 0x3f80);
  EXPECT_EQ(to_bfloat16(1.0f + 0x3p-8f).bits, 0x3f82);
}

TEST(ReferenceCastTest, CutsFloatsTowardZeroAndKeepsTheRestDefined) {
  const Value x = floats({6}, {1.9f, -1.9f, NAN, 1e30f, -1e30f, 300});
  const auto cast = [&](DType to) {
    return run({"Cast",
                {x},
                [to](NodeBuilder n) { n.integer("to", static_cast<int64_t>(to)); },
                17,
                {to}});
  };
  EXPECT_EQ(values_of<int64_t>(cast(DType::kInt64)),
            (std::vector<int64_t>{1, -1, 0, INT64_MAX, INT64_MIN, 300}));
  EXPECT_EQ(values_of<uint8_t>(cast(DType::kUint8))[5], 44);
  EXPECT_EQ(values_of<uint8_t>(cast(DType::kBool)), (std::vector<uint8_t>{1, 1, 1, 1, 1, 1}));
}

TEST(ReferenceCastTest, ReadsAnyByteOfABoolAsTrue) {
  expect_ints(run({"Cast",
                   {bools({3}, {0, 1, 2})},
                   [](NodeBuilder n) { n.integer("to", 7); },
                   17,
                   {DType::kInt64}}),
              {3}, {0, 1, 1});
}

TEST(ReferenceCastTest, RefusesTypesThatItDoesNotHave) {
  const auto cast = [](int64_t to) {
    return failure({"Cast",
                    {floats({1}, {1})},
                    [to](NodeBuilder n) { n.integer("to", to); },
                    17,
                    {DType::kBool}},
                   XPURT_UNSUPPORTED_OPERATION);
  };
  EXPECT_THAT(cast(0), HasSubstr("on undefined"));
  EXPECT_THAT(cast(99), HasSubstr("on dtype 99"));
  EXPECT_THAT(cast(-1), HasSubstr("on dtype -1"));
  EXPECT_THAT(cast(14), HasSubstr("on complex64"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
