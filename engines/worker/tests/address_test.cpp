// SPDX-License-Identifier: Apache-2.0
/// Sessions whose workers are met at an address that the user chose.
#include "isolated.h"
#include "unit/worker/free_port.h"

namespace xpuruntime::worker_engine {
namespace {

using testing::AllOf;
using testing::HasSubstr;

SessionConfig at(const std::string& transport, const std::string& address) {
  SessionConfig config = isolated(transport);
  config.engine_options = {{"worker.address", address}};
  return config;
}

/// One of each transport that has an address.
std::vector<std::pair<std::string, std::string>> free_addresses(const TemporaryFolder& folder) {
  return {{"tcp", worker::free_address()}, {"pipe", folder.path().string()}};
}

template <typename Error>
std::string words_of_opening(const SessionConfig& config) {
  try {
    const InferenceSession session(model("mlp"), config);
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "it opened";
  return "";
}

void run_once(const InferenceSession& session) {
  EXPECT_EQ(session.run({{"x", Tensor(DType::kFloat32, {2, 16})}}).at("y").shape(), Shape({2, 4}));
}

TEST(WorkerAddressTest, IsOneSessionsUntilItCloses) {
  const Traces before;
  const TemporaryFolder folder;
  for (const auto& [transport, address] : free_addresses(folder)) {
    SCOPED_TRACE(transport);
    const SessionConfig config = at(transport, address);
    {
      const InferenceSession first(model("mlp"), config);
      EXPECT_THAT(words_of_opening<UnavailableError>(config),
                  AllOf(HasSubstr("worker.address"), HasSubstr(address), HasSubstr("in use")));
      run_once(first);
    }
    const InferenceSession second(model("mlp"), config);
    run_once(second);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(Traces(), before);
}

TEST(WorkerAddressTest, IsKeptWhenTheWorkerIsStartedAgain) {
  const TemporaryFolder folder;
  for (const auto& [transport, address] : free_addresses(folder)) {
    SCOPED_TRACE(transport);
    const SessionConfig config = at(transport, address);
    const InferenceSession session(model("mlp"), config);
    for (int kills = 0; kills < 3; ++kills) {
      const auto found = workers();
      ASSERT_EQ(found.size(), 1u);
      kill(found.front(), SIGKILL);
      try {
        run_once(session);
      } catch (const EngineError&) {
        run_once(session);  // the first was on its way to the worker that was killed
      }
      EXPECT_THAT(words_of_opening<UnavailableError>(config), HasSubstr(address));
    }
  }
}

TEST(WorkerAddressTest, IsRefusedWhereItDoesNotFit) {
  for (const auto& [transport, address] :
       std::initializer_list<std::pair<const char*, const char*>>{
           {"tcp", "0.0.0.0:9000"},
           {"tcp", "127.0.0.1:0"},
           {"pipe", "relative"},
           {"shared_memory", "127.0.0.1:9000"},
           {"unix", "/a/path"},
           {"json_file", "/a/folder"}}) {
    EXPECT_THAT(words_of_opening<InvalidArgumentError>(at(transport, address)),
                AllOf(HasSubstr("worker.address"), HasSubstr(address)));
  }
  EXPECT_THAT(words_of_opening<UnavailableError>(at("pipe", "/no/such/folder")),
              HasSubstr("/no/such/folder"));
}

}  // namespace
}  // namespace xpuruntime::worker_engine
