// SPDX-License-Identifier: Apache-2.0
#include "worker/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "two_ends.h"

namespace xpuruntime::worker {
namespace {

using testing::ElementsAre;

/// A connection, and the worker's end of it in the test's hands.
struct Line {
  Line() {
    TwoEnds ends(Transport::kUnix);
    worker = std::move(ends.worker);
    connection = std::make_unique<Connection>(
        std::move(ends.parent), [this](const LogLine& line) { logged.push_back(line.text); });
  }
  auto ask() { return connection->ask(MessageType::kHealth, "{}", nullptr, soon()); }
  uint64_t next_id() { return worker->receive(soon())->id; }
  void send(MessageType type, uint64_t id, const std::string& json = "{}") {
    worker->send({type, id, json}, soon());
  }

  std::vector<std::string> logged;
  std::unique_ptr<Channel> worker;
  std::unique_ptr<Connection> connection;
};

TEST(ConnectionTest, TakesAnswersInAnyOrder) {
  Line line;
  const auto first = line.ask();
  const auto second = line.ask();
  const uint64_t one = line.next_id();
  const uint64_t two = line.next_id();
  line.send(MessageType::kReply, two, R"({"n": 2})");
  line.send(MessageType::kError, one, R"({"n": 1})");
  EXPECT_EQ(first->wait(soon())->json, R"({"n": 1})");
  EXPECT_EQ(second->wait(soon())->json, R"({"n": 2})");
}

TEST(ConnectionTest, LetsManyThreadsWait) {
  Line line;
  constexpr int kThreads = 6;
  constexpr int kEach = 40;
  std::thread echo([&] {
    for (int i = 0; i < kThreads * kEach; ++i) {
      const auto request = line.worker->receive(soon());
      line.send(MessageType::kReply, request->id, request->json);
    }
  });
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string json = R"({"n": )" + std::to_string(t * kEach + i) + "}";
        const auto request = line.connection->ask(MessageType::kHealth, json, nullptr, soon());
        if (request->wait(soon())->json != json) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  echo.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ConnectionTest, TellsProgressAndLogsBeforeTheAnswer) {
  Line line;
  const auto request = line.ask();
  const uint64_t id = line.next_id();
  line.send(MessageType::kLog, 0, to_json(LogLine{"info", "a line"}));
  line.send(MessageType::kProgress, id, to_json(Progress{"read", 1, 2}));
  line.send(MessageType::kProgress, id, to_json(Progress{"read", 2, 2}));
  line.send(MessageType::kReply, id);
  std::vector<uint64_t> steps;
  EXPECT_TRUE(request->wait(soon(), [&](const Progress& each) { steps.push_back(each.done); }));
  EXPECT_THAT(steps, ElementsAre(1, 2));
  EXPECT_THAT(line.logged, ElementsAre("a line"));
}

TEST(ConnectionTest, GoesOnAfterAWaitThatWasTooShort) {
  Line line;
  const auto request = line.ask();
  EXPECT_FALSE(request->wait(Clock::now()));
  line.send(MessageType::kReply, line.next_id());
  EXPECT_TRUE(request->wait(soon()));
}

TEST(ConnectionTest, PassesOverAnAnswerThatNobodyWaitsForAnyMore) {
  Line line;
  line.ask();
  const auto request = line.ask();
  line.send(MessageType::kReply, line.next_id());
  line.send(MessageType::kReply, line.next_id());
  EXPECT_TRUE(request->wait(soon()));
}

TEST(ConnectionTest, SendsACancelOfTheRequest) {
  Line line;
  const auto request = line.ask();
  const uint64_t id = line.next_id();
  request->cancel();
  const auto message = line.worker->receive(soon());
  EXPECT_EQ(message->type, MessageType::kCancel);
  EXPECT_EQ(message->id, id);
}

TEST(ConnectionTest, FailsAllThatWaitWhenTheWorkerIsGone) {
  Line line;
  const auto first = line.ask();
  const auto second = line.ask();
  std::thread other([&] { EXPECT_THROW(second->wait(soon()), PeerGone); });
  line.worker.reset();
  EXPECT_THROW(first->wait(soon()), PeerGone);
  other.join();
  EXPECT_THROW(line.ask(), PeerGone);
}

TEST(ConnectionTest, RefusesWhatAWorkerMustNotSend) {
  const auto refused = [](MessageType type, uint64_t offset, const char* json = "{}") {
    Line line;
    const auto request = line.ask();
    line.send(type, line.next_id() + offset, json);
    EXPECT_THROW(request->wait(soon()), BadFrame) << name_of(type);
  };
  refused(MessageType::kRun, 0);
  refused(MessageType::kReply, 1);  // of a request that was not made
  refused(MessageType::kProgress, 0, R"({"phase": 3})");
  Line line;
  const auto one = line.ask();
  const auto two = line.ask();
  const uint64_t id = line.next_id();
  line.send(MessageType::kReply, id);
  line.send(MessageType::kReply, id);
  EXPECT_THROW(two->wait(soon()), BadFrame);
}

}  // namespace
}  // namespace xpuruntime::worker
