// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "expect_error.h"
#include "toolkit/tensor_files.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using namespace std::string_literals;

/// A file of version 1.0 with that dictionary and those elements.
std::string npy(const std::string& dictionary, const std::string& elements) {
  std::string size{static_cast<char>(dictionary.size() & 0xff),
                   static_cast<char>(dictionary.size() >> 8)};
  return "\x93NUMPY\x01\x00"s + size + dictionary + elements;
}

std::string described(const std::string& descr, const std::string& order,
                      const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

template <typename T>
std::string bytes(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

class NpyTest : public ::testing::Test {
 protected:
  Tensor read(const std::string& content) { return read_npy(folder_.write("a.npy", content)); }

  TemporaryFolder folder_;
};

TEST_F(NpyTest, ReadsWhatItWritesForEveryType) {
  constexpr std::array kAll{DType::kBool,    DType::kInt8,    DType::kInt16,   DType::kInt32,
                            DType::kInt64,   DType::kUInt8,   DType::kUInt16,  DType::kUInt32,
                            DType::kUInt64,  DType::kFloat16, DType::kFloat32, DType::kFloat64,
                            DType::kBFloat16};
  for (const DType dtype : kAll) {
    Tensor tensor(dtype, {2, 3});
    std::memset(tensor.mutable_data(), 1, tensor.byte_size());
    write_npy(folder_ / "t.npy", tensor);
    const Tensor back = read_npy(folder_ / "t.npy");
    EXPECT_EQ(back.dtype(), dtype);
    EXPECT_EQ(back.shape(), tensor.shape());
    EXPECT_EQ(std::memcmp(back.data(), tensor.data(), tensor.byte_size()), 0) << dtype_name(dtype);
  }
}

TEST_F(NpyTest, KeepsScalarsAndEmptyShapes) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{3, 0, 2}, Shape{1}}) {
    write_npy(folder_ / "t.npy", Tensor(DType::kInt32, shape));
    EXPECT_EQ(read_npy(folder_ / "t.npy").shape(), shape) << to_string(shape);
  }
}

TEST_F(NpyTest, WritesElementsAtAMultipleOf64Bytes) {
  for (const int64_t rows : {1, 1000, 1000000}) {
    write_npy(folder_ / "t.npy", Tensor(DType::kUInt8, {rows, 1}));
    EXPECT_EQ((std::filesystem::file_size(folder_ / "t.npy") - static_cast<uint64_t>(rows)) % 64,
              0u);
  }
}

TEST_F(NpyTest, ReadsFortranOrder) {
  const Tensor tensor = read(npy(described("<i4", "True", "(2, 3)"), bytes({1, 4, 2, 5, 3, 6})));
  EXPECT_THAT(tensor.values<int32_t>(), ::testing::ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(NpyTest, ReadsFortranOrderOfRankThree) {
  // Element [i, j, k] is 100 i + 10 j + k.
  const Tensor tensor = read(npy(described("|u1", "True", "(2, 2, 2)"),
                                 bytes<uint8_t>({0, 100, 10, 110, 1, 101, 11, 111})));
  EXPECT_THAT(tensor.values<uint8_t>(), ::testing::ElementsAre(0, 1, 10, 11, 100, 101, 110, 111));
}

TEST_F(NpyTest, ReadsBigEndian) {
  const Tensor tensor = read(npy(described(">i2", "False", "(2,)"), "\x01\x02\xff\xfe"s));
  EXPECT_THAT(tensor.values<int16_t>(), ::testing::ElementsAre(0x0102, -2));
}

TEST_F(NpyTest, ReadsLaterVersionsAndOtherSpellings) {
  const std::string dictionary = "{\"shape\":(2L,),\"fortran_order\":False,\"descr\":\"|b1\"}\n";
  const std::string size{static_cast<char>(dictionary.size()), 0, 0, 0};
  for (const auto& version : {"\x02\x00"s, "\x03\x00"s}) {
    const Tensor tensor = read("\x93NUMPY" + version + size + dictionary + "\x01\x00"s);
    EXPECT_THAT(tensor.values<bool>(), ::testing::ElementsAre(true, false));
  }
}

TEST_F(NpyTest, ReadsTwoByteVoidsAsBfloat16) {
  for (const char* descr : {"<V2", "|V2", "bfloat16"}) {
    const Tensor tensor = read(npy(described(descr, "False", "(1,)"), "\x80\x3f"s));
    EXPECT_EQ(to_float(tensor.values<BFloat16>()[0]), 1.0f);
  }
}

TEST_F(NpyTest, MakesEveryByteOfABoolTrueOrFalse) {
  const Tensor tensor = read(npy(described("|b1", "False", "(3,)"), "\x02\x00\xff"s));
  EXPECT_THAT(bytes({tensor.values<bool>()[0], tensor.values<bool>()[1], tensor.values<bool>()[2]}),
              ::testing::Eq("\x01\x00\x01"s));
}

TEST_F(NpyTest, RejectsWhatIsNoNpyFile) {
  EXPECT_ERROR(read(""), InvalidArgumentError, "too short");
  EXPECT_ERROR(read("hello, I am a text"), InvalidArgumentError, "not an .npy file");
  EXPECT_ERROR(read("\x93NUMPY\x09\x00\x00\x00"s), InvalidArgumentError, "version 9");
  EXPECT_ERROR(read_npy(folder_ / "none.npy"), InvalidArgumentError, "there is no such file");
  EXPECT_ERROR(read_npy(folder_ / ""), InvalidArgumentError, "not a regular file");
}

TEST_F(NpyTest, RejectsMalformedHeaders) {
  const auto rejects = [&](const std::string& dictionary, const char* words) {
    EXPECT_ERROR(read(npy(dictionary, "")), InvalidArgumentError, words);
  };
  rejects("", "expected '{'");
  rejects("{}", "lacks descr");
  rejects("{'descr': '<f4'", "expected '}'");
  rejects("{'descr': '<f4', 'descr': '<f4'}", "unexpected key");
  rejects("{'descr': '<f4' 'shape'}", "expected '}'");
  rejects("{'descr", "not closed");
  rejects(described("<f4", "maybe", "(1,)"), "neither True nor False");
  rejects(described("<f4", "False", "(-1,)"), "tuple of sizes");
  rejects(described("<f4", "False", "(99999999999999999999,)"), "tuple of sizes");
  EXPECT_ERROR(read("\x93NUMPY\x01\x00\xff\xff{"s), InvalidArgumentError, "cut off");
  EXPECT_ERROR(read("\x93NUMPY\x02\x00\xff\xff\xff\xff{"s), InvalidArgumentError, "cut off");
  EXPECT_ERROR(read("\x93NUMPY\x02\x00\xff"s), InvalidArgumentError, "cut off");
}

TEST_F(NpyTest, RejectsTypesThatTensorsDoNotHold) {
  const auto rejects = [&](const std::string& descr, const char* words) {
    EXPECT_ERROR(read(npy(described(descr, "False", "()"), "")), InvalidArgumentError, words);
  };
  rejects("|O", "Python objects");
  rejects("<c8", "'<c8'");
  rejects("<U3", "'<U3'");
  rejects("<M8[ns]", "'<M8[ns]'");
  EXPECT_ERROR(read(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "")),
               InvalidArgumentError, "several fields");
}

TEST_F(NpyTest, ChecksSizesBeforeTakingMemory) {
  EXPECT_ERROR(read(npy(described("<f4", "False", "(2,)"), "1234567")), InvalidArgumentError,
               "takes 8 bytes, but the file holds 7");
  EXPECT_ERROR(read(npy(described("<f4", "False", "(1,)"), "12345")), InvalidArgumentError,
               "takes 4 bytes, but the file holds 5");
  EXPECT_ERROR(read(npy(described("<f4", "False", "(1000000000000, 1000)"), "1234")),
               InvalidArgumentError, "but the file holds 4");
  EXPECT_ERROR(
      read(npy(described("<f4", "False", "(9223372036854775807, 9223372036854775807)"), "1234")),
      InvalidArgumentError, "more than 2^64");
}

TEST_F(NpyTest, RefusesToWriteNothing) {
  EXPECT_ERROR(write_npy(folder_ / "t.npy", Tensor()), InvalidArgumentError, "cannot hold");
  EXPECT_EQ(folder_.file_count(), 0u);
}

}  // namespace
}  // namespace xpuruntime::toolkit
