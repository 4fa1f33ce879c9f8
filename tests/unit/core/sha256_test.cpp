// SPDX-License-Identifier: Apache-2.0
#include "core/sha256.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace xpuruntime
