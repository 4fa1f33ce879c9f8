// SPDX-License-Identifier: Apache-2.0
#include "core/checksum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace xpuruntime {
namespace {

TEST(ChecksumTest, IsXxh3Of128Bits) {
  // The value of the empty input in xxHash's specification of XXH3.
  EXPECT_EQ(Checksum().digest(), "99aa06d3014798d86001c324468d497f");
}

TEST(ChecksumTest, TakesBytesInPartsAndSeesEachBit) {
  std::vector<std::byte> bytes(100'000);
  const auto digest = [&](size_t part) {
    Checksum checksum;
    for (size_t at = 0; at < bytes.size(); at += part) {
      checksum.add(std::span(bytes).subspan(at, std::min(part, bytes.size() - at)));
    }
    return checksum.digest();
  };
  const std::string whole = digest(bytes.size());
  EXPECT_EQ(whole.size(), Checksum::kDigits);
  EXPECT_EQ(digest(1), whole);
  EXPECT_EQ(digest(999), whole);
  for (const size_t at : {size_t{0}, size_t{511}, bytes.size() - 1}) {
    bytes[at] ^= std::byte{1};
    EXPECT_NE(digest(bytes.size()), whole);
    bytes[at] ^= std::byte{1};
  }
}

}  // namespace
}  // namespace xpuruntime
