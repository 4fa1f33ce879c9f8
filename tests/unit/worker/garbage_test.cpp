// SPDX-License-Identifier: Apache-2.0
/// Frames that are cut, merged, damaged or made of nothing; the same ones in every run.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "two_ends.h"
#include "worker/file_channel.h"
#include "worker/stream_channel.h"

namespace xpuruntime::worker {
namespace {

using Bytes = std::vector<std::byte>;

Bytes frame_of(MessageType type, uint64_t id, const std::string& json, size_t payload) {
  const auto header = encode(Header{type, 0, static_cast<uint32_t>(json.size()), id, payload});
  Bytes bytes(header.size() + json.size() + payload);
  std::ranges::copy(header, bytes.begin());
  std::ranges::copy(std::as_bytes(std::span(json)), bytes.begin() + header.size());
  for (size_t i = 0; i < payload; ++i) {
    bytes[header.size() + json.size() + i] = static_cast<std::byte>(i + id);
  }
  return bytes;
}

/// A channel, and the raw end of its socket.
struct RawPeer {
  explicit RawPeer(bool with_segments = false) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_errno("socketpair");
    raw = Descriptor(ends[0]);
    channel =
        std::make_unique<StreamChannel>(ByteStream(Descriptor(ends[1])),
                                        with_segments ? std::make_unique<Segments>(true) : nullptr);
  }
  void send(std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(raw.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the channel is gone
      bytes = bytes.subspan(static_cast<size_t>(sent));
    }
  }
  Descriptor raw;
  std::unique_ptr<StreamChannel> channel;
};

/// Receives until the connection is of no use any more; the frames that came.
size_t receive_all(Channel& channel) {
  size_t count = 0;
  try {
    while (channel.receive(soon())) ++count;
  } catch (const PeerGone&) {
  } catch (const BadFrame&) {
  } catch (const TransportFailure&) {
  }
  return count;
}

TEST(GarbageTest, TakesFramesInPiecesOfAnySize) {
  std::mt19937 random(1);
  Bytes all;
  constexpr uint64_t kFrames = 40;
  for (uint64_t id = 1; id <= kFrames; ++id) {
    const Bytes frame =
        frame_of(MessageType::kRun, id, R"({"n": )" + std::to_string(id) + "}", random() % 3000);
    all.insert(all.end(), frame.begin(), frame.end());
  }
  for (const size_t most : {1, 2, 31, 33, 1000, 100'000}) {
    RawPeer peer;
    std::jthread sender([&] {
      std::mt19937 sizes(2);
      std::span<const std::byte> rest(all);
      while (!rest.empty()) {
        const size_t size = std::min<size_t>(1 + sizes() % most, rest.size());
        peer.send(rest.first(size));
        rest = rest.subspan(size);
      }
    });
    for (uint64_t id = 1; id <= kFrames; ++id) {
      const auto message = peer.channel->receive(soon());
      ASSERT_TRUE(message);
      EXPECT_EQ(message->id, id);
      EXPECT_EQ(message->json, R"({"n": )" + std::to_string(id) + "}");
      if (message->payload == nullptr) continue;
      const auto payload = message->payload->bytes();
      for (size_t i = 0; i < payload.size(); ++i) {
        ASSERT_EQ(payload[i], static_cast<std::byte>(i + id));
      }
    }
  }
}

TEST(GarbageTest, SurvivesEveryTruncation) {
  const Bytes frame = frame_of(MessageType::kRun, 1, R"({"tensors": []})", 100);
  for (size_t size = 0; size < frame.size(); ++size) {
    RawPeer peer;
    peer.send(std::span(frame).first(size));
    peer.raw.reset();
    EXPECT_EQ(receive_all(*peer.channel), 0u) << size;
  }
}

TEST(GarbageTest, SurvivesEveryDamagedBitOfAHeader) {
  const Bytes frame = frame_of(MessageType::kRun, 1, R"({"tensors": []})", 100);
  for (size_t bit = 0; bit < kHeaderBytes * 8; ++bit) {
    for (const bool with_segments : {false, true}) {
      Bytes damaged = frame;
      damaged[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
      RawPeer peer(with_segments);
      peer.send(damaged);
      peer.raw.reset();
      EXPECT_LE(receive_all(*peer.channel), 1u) << bit;
    }
  }
}

TEST(GarbageTest, SurvivesNoise) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Bytes noise(random() % 4000);
    for (std::byte& byte : noise) byte = static_cast<std::byte>(random());
    if (seed % 2 == 0) {  // behind a beginning that is right
      const Bytes frame = frame_of(MessageType::kRun, 1, "{}", 10);
      noise.insert(noise.begin(), frame.begin(), frame.end());
    }
    RawPeer peer(seed % 3 == 0);
    peer.send(noise);
    peer.raw.reset();
    receive_all(*peer.channel);
  }
}

TEST(GarbageTest, TakesNoMemoryForAPayloadThatDoesNotCome) {
  RawPeer peer;
  peer.send(encode(Header{MessageType::kRun, 0, 0, 1, kMaxPayloadBytes}));
  peer.raw.reset();
  EXPECT_EQ(receive_all(*peer.channel), 0u);
}

TEST(GarbageTest, ReadsDamagedMetadataOrRefusesIt) {
  const std::string whole =
      R"({"tensors":[{"name":"x","dtype":1,"shape":[2],"offset":0,"bytes":8}],"timeout":1.5})";
  size_t refused = 0;
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text = whole;
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
    if (random() % 4 == 0) text.resize(random() % text.size());
    try {
      const auto run = from_json<RunTensors>(text);
      check_places(run.tensors, 64);
    } catch (const BadFrame&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 2000u);
}

/// What a worker makes of a request in a file.
std::optional<Message> receive_file(const std::string& text) {
  std::string folder = testing::TempDir() + "garbage-XXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  FileChannel channel(folder, FileChannel::Side::kWorker, Descriptor());
  const std::string part = folder + "/request-1.json.part";
  std::ofstream(part, std::ios::binary) << text;
  std::filesystem::rename(part, folder + "/request-1.json");
  return channel.receive(soon());
}

TEST(GarbageTest, RefusesDamagedFiles) {
  const std::string whole =
      R"({"protocol": 1, "type": "run", "id": 7, "json": {"tensors": []}, "payload": "AACAPwAAAMA="})";
  size_t refused = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    std::string text = whole;
    text[random() % text.size()] = static_cast<char>(random());
    if (seed % 5 == 0) text.resize(random() % text.size());
    try {
      ASSERT_TRUE(receive_file(text));
    } catch (const BadFrame&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 150u);
}

TEST(GarbageTest, RefusesFilesThatAreNestedTooDeeply) {
  const auto nested = [](size_t depth) {
    return R"({"protocol": 1, "type": "run", "id": 7, "json": {"x": )" + std::string(depth, '[') +
           std::string(depth, ']') + "}}" + std::string(4096, ' ');
  };
  EXPECT_TRUE(receive_file(nested(60)));
  EXPECT_THROW(receive_file(nested(70)), BadFrame);
  EXPECT_THROW(receive_file(nested(1'000'000)), BadFrame);
}

}  // namespace
}  // namespace xpuruntime::worker
