// SPDX-License-Identifier: Apache-2.0
#include "toolkit/narrow_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> values_of(DType dtype, int64_t count, const std::vector<uint8_t>& bytes) {
  Tensor tensor(dtype, {count});
  EXPECT_EQ(tensor.byte_size(), bytes.size());
  std::memcpy(tensor.mutable_data(), bytes.data(), bytes.size());
  return narrow_values(tensor);
}

// The bits are those of ONNX's page on float8, and of the OCP specification of microscaling
// formats.
TEST(NarrowTypesTest, ReadsFloat8) {
  EXPECT_THAT(values_of(DType::kFloat8E4M3FN, 5, {0x00, 0x01, 0x38, 0x7E, 0xB8}),
              ElementsAre(0, 0x1p-9, 1, 448, -1));
  EXPECT_THAT(values_of(DType::kFloat8E5M2, 5, {0x01, 0x3C, 0x7B, 0x7C, 0xFC}),
              ElementsAre(0x1p-16, 1, 57344, kInfinity, -kInfinity));
  EXPECT_THAT(values_of(DType::kFloat8E4M3FNUZ, 3, {0x01, 0x40, 0x7F}),
              ElementsAre(0x1p-10, 1, 240));
  EXPECT_THAT(values_of(DType::kFloat8E5M2FNUZ, 3, {0x01, 0x40, 0x7F}),
              ElementsAre(0x1p-17, 1, 57344));
  EXPECT_THAT(values_of(DType::kFloat8E8M0, 3, {0x00, 0x7F, 0xFE}),
              ElementsAre(0x1p-127, 1, 0x1p127));
}

TEST(NarrowTypesTest, KnowsWhatIsNoNumber) {
  EXPECT_TRUE(std::isnan(values_of(DType::kFloat8E4M3FN, 1, {0xFF})[0]));
  EXPECT_TRUE(std::isnan(values_of(DType::kFloat8E4M3FNUZ, 1, {0x80})[0]));
  EXPECT_TRUE(std::isnan(values_of(DType::kFloat8E5M2, 1, {0x7D})[0]));
  EXPECT_TRUE(std::isnan(values_of(DType::kFloat8E5M2FNUZ, 1, {0x80})[0]));
  EXPECT_TRUE(std::isnan(values_of(DType::kFloat8E8M0, 1, {0xFF})[0]));
}

TEST(NarrowTypesTest, UnpacksTheLowestBitsFirst) {
  EXPECT_THAT(values_of(DType::kInt4, 3, {0x8F, 0x07}), ElementsAre(-1, -8, 7));
  EXPECT_THAT(values_of(DType::kUInt4, 2, {0x8F}), ElementsAre(15, 8));
  EXPECT_THAT(values_of(DType::kInt2, 4, {0xE4}), ElementsAre(0, 1, -2, -1));
  EXPECT_THAT(values_of(DType::kUInt2, 3, {0x24}), ElementsAre(0, 1, 2));
  EXPECT_THAT(values_of(DType::kFloat4E2M1, 4, {0x21, 0xF7}), ElementsAre(0.5, 1, 6, -6));
}

TEST(NarrowTypesTest, DrawsFloatsBetweenZeroAndOne) {
  for (const DType dtype : {DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2,
                            DType::kFloat8E5M2FNUZ, DType::kFloat8E8M0, DType::kFloat4E2M1}) {
    for (uint64_t bits = 0; bits < 256; ++bits) {
      const uint8_t byte = narrow_random(dtype, bits);
      const double value = values_of(dtype, 1, {byte})[0];
      EXPECT_TRUE(value >= 0 && value <= 1) << dtype_name(dtype) << " " << value;
    }
  }
}

TEST(NarrowTypesTest, RefusesOtherTypes) {
  EXPECT_FALSE(is_narrow(DType::kInt8));
  EXPECT_THROW(narrow_values(Tensor(DType::kInt8, {1})), InvalidArgumentError);
}

}  // namespace
}  // namespace xpuruntime::toolkit
