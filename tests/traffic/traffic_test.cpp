// SPDX-License-Identifier: Apache-2.0
/// That loading and running a model reaches for no network and leaves nothing in the home folder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// An engine by name, its plug-in, and a model that takes a row of 16 floats.
struct Engine {
  std::string name;
  std::string plugin;
  std::string model;
  friend std::ostream& operator<<(std::ostream& out, const Engine& engine) {
    return out << engine.name;
  }
};

struct TrafficTest : testing::TestWithParam<Engine> {
  TrafficTest() { fs::create_directories(home); }
  ~TrafficTest() override { fs::remove_all(folder); }

  /// Runs the program with the recorder before it, a home of its own and no word about telemetry
  /// in its environment; its exit code.
  int run(const std::string& extra) const {
    const std::string command =
        "env -u ORT_DISABLE_TELEMETRY -u XDG_CACHE_HOME -u XDG_CONFIG_HOME -u XDG_DATA_HOME "
        "HOME='" +
        home.string() + "' XPURT_TRAFFIC_RECORD='" + record.string() +
        "' LD_PRELOAD='" XPURT_TRAFFIC_SHIM "' '" XPURT_TRAFFIC_PROGRAM "' '" + GetParam().plugin +
        "' '" + GetParam().model + "' " + extra + " >'" + output.string() + "' 2>&1";
    return std::system(command.c_str());
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_traffic_" + std::to_string(getpid()));
  const fs::path home = folder / "home";
  const fs::path record = folder / "record";
  const fs::path output = folder / "output";
};

TEST_P(TrafficTest, ReachesForNoNetworkAndLeavesNothingAtHome) {
  ASSERT_EQ(run(""), 0) << text_of(output);
  EXPECT_EQ(text_of(output), "done\n");
  EXPECT_EQ(text_of(record), "");
  EXPECT_TRUE(fs::is_empty(home));
}

TEST_P(TrafficTest, WouldSeeAnAttempt) {
  ASSERT_EQ(run("plant"), 0) << text_of(output);
  EXPECT_THAT(text_of(record), HasSubstr("connect loopback"));
}

INSTANTIATE_TEST_SUITE_P(Engines, TrafficTest,
                         testing::ValuesIn(std::vector<Engine>{XPURT_TRAFFIC_ENGINES}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
