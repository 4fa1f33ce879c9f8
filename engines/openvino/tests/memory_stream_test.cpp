// SPDX-License-Identifier: Apache-2.0
#include "memory_stream.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace xpuruntime::openvino {
namespace {

constexpr size_t kPart = size_t{4} << 20;

std::string all_of(const MemoryStream& memory) {
  std::string all;
  memory.for_each_part([&](std::string_view part) { all += part; });
  return all;
}

TEST(MemoryStreamTest, HoldsWhatWasWrittenOverManyParts) {
  MemoryStream memory;
  EXPECT_EQ(memory.size(), 0U);
  EXPECT_EQ(all_of(memory), "");
  std::ostream stream(&memory);
  std::string expected;
  for (const size_t size : {size_t{1}, kPart - 1, size_t{1}, 2 * kPart, size_t{7}}) {
    const std::string bytes(size, static_cast<char>('a' + expected.size() % 26));
    stream << bytes;
    expected += bytes;
    EXPECT_EQ(memory.size(), expected.size());
    EXPECT_EQ(static_cast<size_t>(stream.tellp()), expected.size());
  }
  EXPECT_TRUE(stream.good());
  EXPECT_EQ(all_of(memory), expected);
}

TEST(MemoryStreamTest, GoesBackAndOnAgain) {
  MemoryStream memory;
  std::ostream stream(&memory);
  stream << "head" << std::string(kPart, '.') << "tail";
  stream.seekp(0) << "HEAD";
  EXPECT_EQ(memory.size(), kPart + 8);
  stream.seekp(0, std::ios_base::end) << "!";
  stream.seekp(-2, std::ios_base::cur) << "L";
  EXPECT_TRUE(stream.good());
  EXPECT_EQ(all_of(memory), "HEAD" + std::string(kPart, '.') + "taiL!");
}

TEST(MemoryStreamTest, RefusesPlacesThatAreNotThere) {
  MemoryStream memory;
  std::ostream stream(&memory);
  stream << "abc";
  EXPECT_FALSE(stream.seekp(4).good());
  stream.clear();
  EXPECT_FALSE(stream.seekp(-4, std::ios_base::cur).good());
  stream.clear();
  stream << "d";
  EXPECT_EQ(all_of(memory), "abcd");
}

}  // namespace
}  // namespace xpuruntime::openvino
