// SPDX-License-Identifier: Apache-2.0
#include "worker/address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "free_port.h"
#include "two_ends.h"
#include "unit/temporary_folder.h"

namespace xpuruntime::worker {
namespace {

using testing::HasSubstr;

std::string words_of_hold(Transport transport, const std::string& text) {
  try {
    Address::hold(transport, text);
  } catch (const TransportFailure& error) {
    return error.what();
  }
  return "";
}

/// A parent and a worker that meet there.
Hello meet(Transport transport, const Address& address) {
  const auto end = ParentEnd::make(transport, &address);
  auto there = std::async(std::launch::async, [&, arguments = arguments_of(*end)] {
    auto channel = open_worker_end(arguments);
    greet_parent(*channel, {.worker = "mine", .token = end->token()}, soon());
    return channel;
  });
  Hello hello;
  const auto parent = end->connect(soon(), [] { return true; }, hello);
  there.get();
  return hello;
}

TEST(AddressTest, TakesTheFormOfItsTransportAlone) {
  EXPECT_TRUE(Address::fits(Transport::kTcp, "127.0.0.1:1"));
  EXPECT_TRUE(Address::fits(Transport::kTcp, "127.0.0.1:65535"));
  for (const char* wrong :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:80a", "0.0.0.0:80", "192.0.2.1:80", "localhost:80", ":80", "/a/folder"}) {
    EXPECT_FALSE(Address::fits(Transport::kTcp, wrong)) << wrong;
  }
  EXPECT_TRUE(Address::fits(Transport::kPipe, "/a/folder"));
  EXPECT_FALSE(Address::fits(Transport::kPipe, "folder"));
  EXPECT_FALSE(Address::fits(Transport::kUnix, "/a/folder"));
  EXPECT_EQ(Address::form(Transport::kUnix), "");
}

TEST(AddressTest, IsHeldByOneAtATime) {
  const TemporaryFolder folder;
  const std::string port = free_address();
  const std::pair<Transport, std::string> all[] = {{Transport::kTcp, port},
                                                   {Transport::kPipe, folder.path().string()}};
  for (const auto& [transport, text] : all) {
    {
      const auto first = Address::hold(transport, text);
      EXPECT_THAT(words_of_hold(transport, text), AllOf(HasSubstr(text), HasSubstr("is in use")));
      // A worker comes, and is started again: the address stays the first one's.
      for (int start = 0; start < 3; ++start) {
        EXPECT_EQ(meet(transport, *first).worker, "mine");
        EXPECT_THAT(words_of_hold(transport, text), HasSubstr(text));
      }
    }
    EXPECT_EQ(words_of_hold(transport, text), "");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(AddressTest, IsNotTakenFromAProgramThatListensThere) {
  const Descriptor stranger(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(stranger.get(), any, length), 0);
  ASSERT_EQ(listen(stranger.get(), 1), 0);
  ASSERT_EQ(getsockname(stranger.get(), any, &length), 0);
  const std::string text = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  EXPECT_THAT(words_of_hold(Transport::kTcp, text), HasSubstr(text + " is in use"));
}

TEST(AddressTest, TurnsAwayAnIntruderWhoConnectsFirst) {
  const auto address = Address::hold(Transport::kTcp, free_address());
  const auto end = ParentEnd::make(Transport::kTcp, address.get());
  const WorkerArguments arguments = arguments_of(*end);
  EXPECT_EQ(arguments.address, address->text());
  const auto intruder = open_worker_end(arguments);  // it is the first in the queue
  const auto silent = open_worker_end(arguments);
  intruder->send({MessageType::kHello, 1, to_json(Hello{.worker = "intruder"})}, soon());
  silent->send({MessageType::kReply, 1, "{}"}, soon());
  auto there = std::async(std::launch::async, [&] {
    auto channel = open_worker_end(arguments);
    greet_parent(*channel, {.worker = "mine", .token = end->token()}, soon());
    return channel;
  });
  Hello hello;
  const auto parent = end->connect(soon(), [] { return true; }, hello);
  EXPECT_EQ(hello.worker, "mine");
  const auto worker = there.get();
  const auto is_sent_away = [](Channel& channel) {
    try {
      while (const auto message = channel.receive(soon())) {
        if (message->type != MessageType::kError) return false;
      }
      return false;
    } catch (const PeerGone&) {
      return true;
    }
  };
  EXPECT_TRUE(is_sent_away(*intruder));
  EXPECT_TRUE(is_sent_away(*silent));
  EXPECT_THROW(open_worker_end(arguments), TransportFailure);  // it listens no more
}

TEST(AddressTest, ReplacesPipesThatAreLeftAndNoOtherFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  const auto address = Address::hold(Transport::kPipe, path);
  ASSERT_EQ(mkfifo((path + "/requests.pipe").c_str(), 0600), 0);
  EXPECT_EQ(meet(Transport::kPipe, *address).worker, "mine");
  EXPECT_TRUE(std::filesystem::is_empty(path));
  std::ofstream(path + "/replies.pipe") << "text";
  try {
    ParentEnd::make(Transport::kPipe, address.get());
    FAIL();
  } catch (const TransportFailure& error) {
    EXPECT_THAT(error.what(), HasSubstr(path + "/replies.pipe"));
  }
  EXPECT_EQ(std::filesystem::file_size(path + "/replies.pipe"), 4u);
  EXPECT_FALSE(std::filesystem::exists(path + "/requests.pipe"));
}

TEST(AddressTest, NamesAFolderThatIsNotThere) {
  EXPECT_THAT(words_of_hold(Transport::kPipe, "/no/such/folder"), HasSubstr("/no/such/folder"));
}

}  // namespace
}  // namespace xpuruntime::worker
