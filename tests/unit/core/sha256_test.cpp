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

TEST(Sha256Test, HashesBlocksAlikeByOneThreadAndByMany) {
  constexpr size_t kBlock = BlockSha256::kBlock;
  std::vector<std::byte> bytes(3 * kBlock + 1);
  for (size_t i = 0; i < bytes.size(); i += 4093) bytes[i] = static_cast<std::byte>(i / 4093);
  std::set<std::string> hashes;
  const std::vector<size_t> sizes{0, 1, kBlock - 1, kBlock, kBlock + 1, 2 * kBlock, bytes.size()};
  for (const size_t size : sizes) {
    const auto all = std::span<const std::byte>(bytes).first(size);
    BlockSha256 hash;
    for (size_t at = 0; at < size; at += 1'000'003) {
      hash.add(all.subspan(at, std::min<size_t>(1'000'003, size - at)));
    }
    const std::string digest = hash.digest();
    EXPECT_EQ(digest, block_sha256_of(all)) << size << " bytes";
    hashes.insert(digest);
  }
  EXPECT_EQ(hashes.size(), sizes.size());
}

TEST(Sha256Test, HashesBlocksAsItSays) {
  const std::vector<std::byte> bytes(BlockSha256::kBlock + 3);
  const std::span all(bytes);
  const std::string digests = sha256_of(all.first(BlockSha256::kBlock)) + sha256_of(all.last(3));
  EXPECT_EQ(block_sha256_of(bytes), sha256_of(std::as_bytes(std::span(digests))));
}

}  // namespace
}  // namespace xpuruntime
