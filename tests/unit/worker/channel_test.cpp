// SPDX-License-Identifier: Apache-2.0
/// What every transport does alike.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>
#include <thread>

#include "two_ends.h"
#include "unit/temporary_folder.h"
#include "worker/stream_channel.h"

namespace xpuruntime::worker {
namespace {

namespace fs = std::filesystem;

Message with_payload(Channel& channel, MessageType type, uint64_t id, uint64_t bytes) {
  Message message{type, id, R"({"some": "text"})", channel.allocate(bytes)};
  if (message.payload != nullptr) {
    for (size_t i = 0; i < bytes; ++i) {
      message.payload->bytes()[i] = static_cast<std::byte>(i * 7 + id);
    }
  }
  return message;
}

void expect_payload(const Message& message, uint64_t id, uint64_t bytes) {
  EXPECT_EQ(message.id, id);
  ASSERT_EQ(message.payload != nullptr ? message.payload->bytes().size() : 0, bytes);
  if (bytes == 0) return;
  const auto payload = message.payload->bytes();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(payload.data()) % kPayloadAlignment, 0u);
  size_t wrong = 0;
  for (size_t i = 0; i < bytes; ++i) wrong += payload[i] != static_cast<std::byte>(i * 7 + id);
  EXPECT_EQ(wrong, 0u);
}

class ChannelTest : public testing::TestWithParam<Transport> {
  void SetUp() override {
    if (GetParam() == Transport::kGrpc && XPURT_WORKER_GRPC == 0) {
      GTEST_SKIP() << "this build has no transport grpc: gRPC is not compiled for its sanitizer";
    }
  }
};

TEST_P(ChannelTest, ShakesHands) {
  const TwoEnds ends(GetParam());
  EXPECT_EQ(ends.hello.worker, "test");
  EXPECT_EQ(ends.hello.pid, 7);
}

TEST_P(ChannelTest, CarriesPayloadsOfEverySizeBothWays) {
  const TwoEnds ends(GetParam());
  uint64_t id = 0;
  for (const uint64_t bytes : {0, 1, 2, 3, 63, 64, 65, 4096, 65536, 65537, 600'000, 3'000'000}) {
    ++id;
    std::jthread sender([&] {
      ends.parent->send(with_payload(*ends.parent, MessageType::kRun, id, bytes), soon());
    });
    const auto request = ends.worker->receive(soon());
    ASSERT_TRUE(request);
    EXPECT_EQ(request->type, MessageType::kRun);
    expect_payload(*request, id, bytes);
    sender.join();
    std::jthread answerer([&] {
      ends.worker->send(with_payload(*ends.worker, MessageType::kReply, id, bytes), soon());
    });
    const auto reply = ends.parent->receive(soon());
    ASSERT_TRUE(reply);
    expect_payload(*reply, id, bytes);
  }
}

TEST_P(ChannelTest, KeepsTheOrderOfManySmallFrames) {
  const TwoEnds ends(GetParam());
  constexpr uint64_t kCount = 300;
  std::jthread sender([&] {
    for (uint64_t id = 1; id <= kCount; ++id) {
      ends.parent->send(with_payload(*ends.parent, MessageType::kRun, id, id % 3 * 50), soon());
    }
  });
  for (uint64_t id = 1; id <= kCount; ++id) {
    const auto message = ends.worker->receive(soon());
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id, id);
  }
}

TEST_P(ChannelTest, KeepsRepliesThatAreHeldWhileOthersCome) {
  const TwoEnds ends(GetParam());
  std::vector<Message> held;
  for (uint64_t id = 1; id <= 20; ++id) {
    ends.worker->send(with_payload(*ends.worker, MessageType::kReply, id, 1000), soon());
    held.push_back(*ends.parent->receive(soon()));
    // Something has to go the other way, so that the worker hears what was let go of.
    ends.parent->send({MessageType::kHealth, id}, soon());
    ASSERT_TRUE(ends.worker->receive(soon()));
    if (id % 3 == 0) held.erase(held.begin());
  }
  for (const Message& message : held) expect_payload(message, message.id, 1000);
}

TEST_P(ChannelTest, SaysThatTheTimeHasCome) {
  const TwoEnds ends(GetParam());
  EXPECT_FALSE(ends.parent->receive(Clock::now()));
  EXPECT_FALSE(ends.worker->receive(Clock::now()));
}

TEST_P(ChannelTest, SaysThatTheOtherSideIsGoneAfterItsLastFrame) {
  TwoEnds ends(GetParam());
  ends.worker->send({MessageType::kLog, 0, "{}"}, soon());
  if (GetParam() != Transport::kJsonFile) {  // where files go with either side
    ends.worker.reset();
    EXPECT_TRUE(ends.parent->receive(soon()));
  }
  ends.worker.reset();
  EXPECT_THROW(ends.parent->receive(soon()), PeerGone);
}

TEST_P(ChannelTest, SaysToAWorkerThatItsParentIsGone) {
  TwoEnds ends(GetParam());
  ends.parent.reset();
  EXPECT_THROW(ends.worker->receive(soon()), PeerGone);
}

TEST_P(ChannelTest, RefusesAPayloadAboveTheLimit) {
  const TwoEnds ends(GetParam());
  ends.worker->set_max_payload(1000);
  ends.parent->send(with_payload(*ends.parent, MessageType::kRun, 1, 1000), soon());
  EXPECT_TRUE(ends.worker->receive(soon()));
  ends.parent->send(with_payload(*ends.parent, MessageType::kRun, 2, 1003), soon());
  EXPECT_THROW(ends.worker->receive(soon()), BadFrame);
}

TEST_P(ChannelTest, TakesFramesFromManyThreads) {
  const TwoEnds ends(GetParam());
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kEach = 25;
  std::vector<std::jthread> senders;
  for (uint64_t t = 0; t < kThreads; ++t) {
    senders.emplace_back([&, t] {
      for (uint64_t i = 1; i <= kEach; ++i) {
        const uint64_t id = t * kEach + i;
        ends.parent->send(with_payload(*ends.parent, MessageType::kRun, id, 5000 + id), soon());
      }
    });
  }
  std::set<uint64_t> seen;
  for (uint64_t i = 0; i < kThreads * kEach; ++i) {
    const auto message = ends.worker->receive(soon());
    ASSERT_TRUE(message);
    seen.insert(message->id);
  }
  EXPECT_EQ(seen.size(), kThreads * kEach);
}

TEST_P(ChannelTest, LeavesNoDescriptorAndNoFileBehind) {
  const TemporaryFolder own;  // others are at work in the common one
  setenv("TMPDIR", own.path().c_str(), /*overwrite=*/1);
  const auto descriptors = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto folders = [] {
    return std::ranges::count_if(
        fs::directory_iterator(fs::temp_directory_path()), [](const auto& entry) {
          return entry.path().filename().string().starts_with("xpuruntime-worker-");
        });
  };
  const auto before = descriptors();
  const auto folders_before = folders();
  {
    const TwoEnds ends(GetParam());
    for (uint64_t id = 1; id < 20; ++id) {
      ends.parent->send(with_payload(*ends.parent, MessageType::kRun, id, id * 1000), soon());
      const auto request = ends.worker->receive(soon());
      ends.worker->send(with_payload(*ends.worker, MessageType::kReply, id, id * 1000), soon());
      const auto reply = ends.parent->receive(soon());
    }
  }
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(folders(), folders_before);
  unsetenv("TMPDIR");
}

INSTANTIATE_TEST_SUITE_P(Every, ChannelTest,
                         testing::Values(Transport::kSharedMemory, Transport::kUnix,
                                         Transport::kTcp, Transport::kPipe, Transport::kGrpc,
                                         Transport::kJsonFile),
                         [](const auto& each) { return std::string(name_of(each.param)); });

TEST(TransportTest, TurnsAwayWhoDoesNotKnowTheToken) {
  const auto end = ParentEnd::make(Transport::kTcp);
  auto there = std::async(std::launch::async, [&] {
    auto stranger = open_worker_end(arguments_of(*end));
    EXPECT_THROW(greet_parent(*stranger, {.worker = "stranger", .token = "guess"}, soon()),
                 BadFrame);
    auto channel = open_worker_end(arguments_of(*end));
    greet_parent(*channel, {.worker = "mine", .token = end->token()}, soon());
    return channel;
  });
  Hello hello;
  const auto channel = end->connect(soon(), [] { return true; }, hello);
  EXPECT_EQ(hello.worker, "mine");
  EXPECT_THROW(open_worker_end(arguments_of(*end)), TransportFailure);  // it listens no more
}

TEST(TransportTest, StopsWaitingForAWorkerThatIsGoneOrLate) {
  for (const Transport transport : {Transport::kTcp, Transport::kPipe}) {
    Hello hello;
    EXPECT_THROW(
        ParentEnd::make(transport)->connect(soon(), [] { return false; }, hello), PeerGone);
    EXPECT_THROW(
        ParentEnd::make(transport)->connect(Clock::now(), [] { return true; }, hello), TimedOut);
  }
}

TEST(TransportTest, RefusesArgumentsThatDoNotFit) {
  EXPECT_THROW(open_worker_end({.transport = "pigeon"}), BadFrame);
  EXPECT_THROW(open_worker_end({.transport = "unix"}), BadFrame);
  EXPECT_THROW(open_worker_end({.transport = "grpc"}), BadFrame);
  for (const char* transport : {"unix", "grpc"}) {
    EXPECT_THROW(open_worker_end({.transport = transport, .descriptor = 9999}), TransportFailure);
  }
  for (const char* address :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", "somewhere:80"}) {
    EXPECT_THROW(open_worker_end({.transport = "tcp", .address = address}), BadFrame) << address;
  }
  EXPECT_THROW(open_worker_end({.transport = "pipe", .requests = "/no/such"}), TransportFailure);
  EXPECT_THROW(open_worker_end({.transport = "json_file", .folder = "/no/such"}), TransportFailure);
}

TEST(TransportTest, MakesSegmentsThatCannotShrink) {
  // A peer that sends memory without seals is refused before it is read.
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Descriptor memory(memfd_create("test", MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(memory.get(), 4096), 0);
  const auto header = encode(Header{MessageType::kRun, kShared, 0, 1, 100});
  const auto place = encode(Place{1, 4096, 0});
  std::vector<std::byte> frame(header.begin(), header.end());
  frame.insert(frame.end(), place.begin(), place.end());
  iovec piece{frame.data(), frame.size()};
  ByteStream stream{Descriptor(ends[0])};
  stream.write_all({&piece, 1}, soon(), memory.get());
  StreamChannel channel(ByteStream(Descriptor(ends[1])), std::make_unique<Segments>(true));
  EXPECT_THROW(channel.receive(soon()), BadFrame);
}

}  // namespace
}  // namespace xpuruntime::worker
