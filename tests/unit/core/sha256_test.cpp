// SPDX-License-Identifier: Apache-2.0
#include "core/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace xpuruntime {
namespace {

// The examples of NIST for FIPS 180-4.
TEST(Sha256Test, IsTheOneOfTheStandard) {
  EXPECT_EQ(sha256_of({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of(std::as_bytes(std::span("abc", 3))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, TakesBytesInParts) {
  Sha256 hash;
  hash.add(std::string_view("a"));
  hash.add(std::string_view(""));
  hash.add(std::string_view("bc"));
  EXPECT_EQ(hash.digest(), sha256_of(std::as_bytes(std::span("abc", 3))));
}

TEST(Sha256Test, HashesBlocksAsItSays) {
  std::vector<std::byte> bytes(3 * kHashBlock + 1);
  for (size_t i = 0; i < bytes.size(); i += 4093) bytes[i] = static_cast<std::byte>(i / 4093);
  std::set<std::string> hashes;
  const std::vector<size_t> sizes{
      0, 1, kHashBlock - 1, kHashBlock, kHashBlock + 1, 2 * kHashBlock, bytes.size()};
  for (const size_t size : sizes) {
    const auto all = std::span<const std::byte>(bytes).first(size);
    Sha256 digests;
    for (size_t at = 0; at < size; at += kHashBlock) {
      digests.add(sha256_of(all.subspan(at, std::min(kHashBlock, size - at))));
    }
    const std::string hash = block_sha256_of(all);
    EXPECT_EQ(hash, digests.digest()) << size << " bytes";
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), sizes.size());
}

}  // namespace
}  // namespace xpuruntime
