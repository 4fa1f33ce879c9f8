// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

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

TEST(PbTest, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  write_pb(folder / "s.pb", Tensor::from_strings(std::vector<std::string>{"", "b c"}, {2, 1}));
  const Tensor strings = read_pb(folder / "s.pb");
  EXPECT_EQ(strings.shape(), (Shape{2, 1}));
  EXPECT_EQ(strings.strings()[1], "b c");
  Tensor packed(DType::kInt4, {3});
  std::ranges::fill(std::span(static_cast<uint8_t*>(packed.mutable_data()), 2), uint8_t{7});
  write_pb(folder / "p.pb", packed);
  const Tensor back = read_pb(folder / "p.pb");
  EXPECT_EQ(back.dtype(), DType::kInt4);
  EXPECT_EQ(*static_cast<const uint8_t*>(back.data()), 7);
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
