// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/model_info.h"

#include <gtest/gtest.h>

namespace xpuruntime {
namespace {

TensorInfo info_of(Shape shape, std::vector<std::string> names = {}) {
  return {"x", ValueKind::kTensor, DType::kFloat32, true, std::move(shape), std::move(names)};
}

TEST(ModelInfoTest, WritesAStaticShape) {
  EXPECT_EQ(to_string(info_of({1, 3, 224})), "float32[1,3,224]");
  EXPECT_EQ(to_string(info_of({})), "float32[]");
}

TEST(ModelInfoTest, WritesADynamicDimensionByItsNameOrAsAQuestion) {
  EXPECT_EQ(to_string(info_of({-1, 3}, {"batch", ""})), "float32[batch,3]");
  EXPECT_EQ(to_string(info_of({-1, -1}, {"", ""})), "float32[?,?]");
  EXPECT_EQ(to_string(info_of({-1, 0})), "float32[?,0]");
  EXPECT_EQ(to_string(info_of({4}, {"batch"})), "float32[4]");
}

TEST(ModelInfoTest, WritesWhatHasNoRankOrIsNoTensor) {
  TensorInfo info = info_of({});
  info.has_rank = false;
  EXPECT_EQ(to_string(info), "float32[...]");
  info.kind = ValueKind::kSequence;
  EXPECT_EQ(to_string(info), "sequence of float32");
  info.kind = ValueKind::kMap;
  EXPECT_EQ(to_string(info), "map to float32");
}

}  // namespace
}  // namespace xpuruntime
