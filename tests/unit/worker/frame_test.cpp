// SPDX-License-Identifier: Apache-2.0
#include "worker/frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "worker/error.h"

namespace xpuruntime::worker {
namespace {

using HeaderBytes = std::array<std::byte, kHeaderBytes>;

Header decode(const HeaderBytes& bytes, uint64_t max_payload = kMaxPayloadBytes) {
  return decode_header(bytes, max_payload);
}

/// The frame that docs/worker_protocol.md shows.
constexpr unsigned char kShown[kHeaderBytes] = {
    0x58, 0x50, 0x52, 0x57, 0x01, 0, 0x04, 0, 0, 0, 0, 0, 0x45, 0, 0, 0,
    0x07, 0,    0,    0,    0,    0, 0,    0, 8, 0, 0, 0, 0,    0, 0, 0};

TEST(FrameTest, IsLaidOutAsTheProtocolsPageSays) {
  const Header header{MessageType::kRun, 0, 69, 7, 8};
  EXPECT_TRUE(std::ranges::equal(encode(header), std::as_bytes(std::span(kShown))));
}

TEST(FrameTest, ReadsWhatItWrites) {
  const Header header{MessageType::kReply, kShared, kMaxJsonBytes, UINT64_MAX, kMaxPayloadBytes};
  EXPECT_EQ(decode(encode(header)), header);
  const Place place{3, 1 << 20, 64};
  EXPECT_EQ(decode_place(encode(place), {MessageType::kRun, kShared, 0, 1, 100}), place);
}

TEST(FrameTest, RefusesAWrongMagic) {
  for (size_t i = 0; i < 4; ++i) {
    HeaderBytes bytes = encode({MessageType::kRun, 0, 0, 1, 0});
    bytes[i] ^= std::byte{1};
    EXPECT_THROW(decode(bytes), BadFrame);
  }
}

TEST(FrameTest, NamesBothVersionsWhenTheyDiffer) {
  HeaderBytes bytes = encode({MessageType::kRun, 0, 0, 9, 0});
  bytes[4] = std::byte{2};
  try {
    decode(bytes);
    FAIL();
  } catch (const BadFrame& error) {
    EXPECT_STREQ(error.what(),
                 "the frame is of version 2 of the worker protocol, and 1 is spoken here");
    EXPECT_EQ(error.request_id, 9u);
  }
}

TEST(FrameTest, RefusesWhatIsBeyondTheLimits) {
  EXPECT_THROW(decode(encode({MessageType::kRun, 0, kMaxJsonBytes + 1, 1, 0})), BadFrame);
  EXPECT_THROW(decode(encode({MessageType::kRun, 0, 0, 1, kMaxPayloadBytes + 1})), BadFrame);
  EXPECT_THROW(decode(encode({MessageType::kRun, 0, 0, 1, 101}), 100), BadFrame);
  EXPECT_NO_THROW(decode(encode({MessageType::kRun, 0, 0, 1, 100}), 100));
  EXPECT_THROW(decode(encode({MessageType::kRun, 2, 0, 1, 0})), BadFrame);
  EXPECT_THROW(decode(encode({MessageType::kRun, kShared, 0, 1, 0})), BadFrame);
}

TEST(FrameTest, PassesARequestThatItDoesNotKnowOnToBeAnswered) {
  EXPECT_NO_THROW(decode(encode({static_cast<MessageType>(42), 0, 0, 1, 0})));
  EXPECT_THROW(decode(encode({static_cast<MessageType>(99), 0, 0, 1, 0})), BadFrame);
}

TEST(FrameTest, RefusesAPlaceThatDoesNotHoldThePayload) {
  const Header header{MessageType::kRun, kShared, 0, 1, 100};
  const auto decode_one = [&](const Place& place) { return decode_place(encode(place), header); };
  EXPECT_NO_THROW(decode_one({1, 164, 64}));
  EXPECT_THROW(decode_one({1, 163, 64}), BadFrame);
  EXPECT_THROW(decode_one({1, 1000, 65}), BadFrame);
  EXPECT_THROW(decode_one({0, 1000, 64}), BadFrame);
  EXPECT_THROW(decode_one({1, 1000, UINT64_MAX - 63}), BadFrame);
  EXPECT_THROW(decode_one({1, kMaxPayloadBytes + 1, 0}), BadFrame);
}

TEST(FrameTest, HasANameForEveryType) {
  for (const int number : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 64, 65, 66, 67, 68}) {
    const auto type = static_cast<MessageType>(number);
    EXPECT_FALSE(name_of(type).empty()) << number;
    EXPECT_EQ(type_named(name_of(type)), type);
  }
  EXPECT_EQ(type_named("jump"), std::nullopt);
}

}  // namespace
}  // namespace xpuruntime::worker
