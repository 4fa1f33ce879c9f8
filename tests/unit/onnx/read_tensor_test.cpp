// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "model_builder.h"

namespace xpuruntime::onnx::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

::onnx::TensorProto proto_of(DType dtype, const std::vector<int64_t>& shape) {
  ::onnx::TensorProto proto;
  proto.set_name("t");
  proto.set_data_type(static_cast<int32_t>(dtype));
  for (const int64_t dim : shape) proto.add_dims(dim);
  return proto;
}

Tensor read(const ::onnx::TensorProto& proto) {
  return read_tensor(as_bytes(proto.SerializeAsString()), "test.pb");
}

std::string error_of(const ::onnx::TensorProto& proto) {
  try {
    read(proto);
  } catch (const ParseError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ReadTensorTest, TakesRawDataAsItIs) {
  auto proto = proto_of(DType::kInt16, {1, 2});
  proto.set_raw_data("abcd");
  const Tensor tensor = read(proto);
  EXPECT_EQ(tensor.dtype, DType::kInt16);
  EXPECT_THAT(tensor.shape, ElementsAre(1, 2));
  EXPECT_EQ(tensor.bytes, "abcd");
}

TEST(ReadTensorTest, PutsTypedFieldsIntoBytes) {
  auto floats = proto_of(DType::kFloat, {2});
  floats.add_float_data(1.5f);
  floats.add_float_data(-2.0f);
  float values[2];
  std::memcpy(values, read(floats).bytes.data(), sizeof values);
  EXPECT_THAT(values, ElementsAre(1.5f, -2.0f));

  auto bytes = proto_of(DType::kInt8, {3});
  for (const int value : {-1, 0, 127}) bytes.add_int32_data(value);
  EXPECT_EQ(read(bytes).bytes, std::string("\xff\x00\x7f", 3));

  auto unsigned_numbers = proto_of(DType::kUint32, {1});
  unsigned_numbers.add_uint64_data(0x01020304);
  EXPECT_EQ(read(unsigned_numbers).bytes, "\x04\x03\x02\x01");

  auto halves = proto_of(DType::kFloat16, {1});
  halves.add_int32_data(0x3c00);
  EXPECT_EQ(read(halves).bytes, std::string("\x00\x3c", 2));

  auto complex = proto_of(DType::kComplex128, {1});
  complex.add_double_data(0);
  complex.add_double_data(0);
  EXPECT_EQ(read(complex).bytes.size(), 16u);
}

TEST(ReadTensorTest, PacksElementsBelowAByte) {
  auto nibbles = proto_of(DType::kUint4, {3});
  nibbles.add_int32_data(0x21);
  nibbles.add_int32_data(0x03);
  EXPECT_EQ(read(nibbles).bytes, "\x21\x03");

  auto six_bits = proto_of(DType::kFloat6e2m3, {4});
  for (const int value : {0x01, 0x02, 0x3f, 0x20}) six_bits.add_int32_data(value);
  EXPECT_EQ(read(six_bits).bytes, "\x81\xf0\x83");
}

TEST(ReadTensorTest, ReadsStrings) {
  auto proto = proto_of(DType::kString, {2});
  proto.add_string_data("one");
  proto.add_string_data("");
  EXPECT_THAT(read(proto).strings, ElementsAre("one", ""));
}

TEST(ReadTensorTest, ReadsEmptyTensors) {
  EXPECT_TRUE(read(proto_of(DType::kFloat, {0, 4})).bytes.empty());
}

TEST(ReadTensorTest, RefusesDataThatDisagreesWithTheShape) {
  auto proto = proto_of(DType::kFloat, {2});
  proto.set_raw_data("abcd");
  EXPECT_EQ(error_of(proto),
            "test.pb: tensor 't' (float32 [2]): 4 bytes of raw_data where the shape needs 8");
  EXPECT_THAT(error_of(proto_of(DType::kInt64, {3})), HasSubstr("0 entries of data"));
}

TEST(ReadTensorTest, RefusesShapesThatCannotBe) {
  constexpr int64_t kHuge = int64_t{1} << 62;
  EXPECT_THAT(error_of(proto_of(DType::kFloat, {kHuge, kHuge})), HasSubstr("too large"));
  EXPECT_THAT(error_of(proto_of(DType::kDouble, {kHuge})), HasSubstr("too large"));
  EXPECT_THAT(error_of(proto_of(DType::kDouble, {0, kHuge, kHuge})), HasSubstr("too large"));
  EXPECT_THAT(error_of(proto_of(DType::kFloat, {-1})), HasSubstr("negative"));
  EXPECT_THAT(error_of(proto_of(static_cast<DType>(99), {1})), HasSubstr("no such dtype"));
  EXPECT_THAT(error_of(proto_of(static_cast<DType>(-5), {1})), HasSubstr("dtype -5"));
}

TEST(ReadTensorTest, RefusesWhatIsNotATensor) {
  EXPECT_THROW(read_tensor(as_bytes(std::string("hello world")), "x"), ParseError);
  EXPECT_THROW(read_tensor(as_bytes(std::string()), "x"), ParseError);
  EXPECT_THROW(read_tensor(std::filesystem::path("/nowhere/x.pb")), FileError);
}

TEST(DTypeTest, HasAByteCountThatDoesNotOverflow) {
  EXPECT_EQ(byte_count(DType::kInt4, 3), 2u);
  EXPECT_EQ(byte_count(DType::kFloat6e3m2, 4), 3u);
  EXPECT_EQ(byte_count(DType::kDouble, uint64_t{1} << 62), std::nullopt);
  EXPECT_EQ(byte_count(DType::kString, 1), std::nullopt);
  EXPECT_EQ(element_count(std::vector<int64_t>{}), 1u);
  EXPECT_EQ(element_count(std::vector<int64_t>{3, 0}), 0u);
}

}  // namespace
}  // namespace xpuruntime::onnx::testing
