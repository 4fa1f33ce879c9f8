// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "expect_error.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using namespace std::string_literals;

TEST(PbTest, ReadsATensorProto) {
  const TemporaryFolder folder;
  // dims: 2, data_type: INT32, raw_data: 1, -1
  const auto path =
      folder.write("t.pb", "\x08\x02\x10\x06\x4a\x08\x01\x00\x00\x00\xff\xff\xff\xff"s);
  const Tensor tensor = read_pb(path);
  EXPECT_EQ(tensor.shape(), Shape{2});
  EXPECT_THAT(tensor.values<int32_t>(), ::testing::ElementsAre(1, -1));
}

TEST(PbTest, ReadsAnEmptyTensor) {
  const TemporaryFolder folder;
  const Tensor tensor = read_pb(folder.write("t.pb", "\x08\x00\x10\x01"s));  // dims: 0, FLOAT
  EXPECT_EQ(tensor.dtype(), DType::kFloat32);
  EXPECT_EQ(tensor.shape(), Shape{0});
}

TEST(PbTest, ReadsStrings) {
  const TemporaryFolder folder;
  const Tensor tensor = read_pb(folder.write("t.pb", "\x08\x01\x10\x08\x32\x01\x61"s));
  EXPECT_EQ(tensor.shape(), Shape{1});
  EXPECT_EQ(tensor.strings()[0], "a");
}

TEST(PbTest, RejectsWhatTensorsDoNotHold) {
  const TemporaryFolder folder;
  EXPECT_ERROR(read_pb(folder.write("t.pb", "\x08\x01\x10\x1b\x4a\x01\x61"s)), InvalidArgumentError,
               "float6");
}

TEST(PbTest, RejectsWhatIsNoTensorProto) {
  const TemporaryFolder folder;
  EXPECT_ERROR(read_pb(folder / "none.pb"), InvalidArgumentError, "none.pb");
  EXPECT_ERROR(read_pb(folder.write("t.pb", "\xff\xff\xff")), InvalidArgumentError, "t.pb");
}

}  // namespace
}  // namespace xpuruntime::toolkit
