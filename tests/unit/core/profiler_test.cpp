// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/profiler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "tensors.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return json::parse(file);
}

TEST(ProfilerTest, WritesAChromeTraceOfQueueCopyAndRun) {
  const auto profiler = std::make_shared<Profiler>();
  {
    const InferenceSession session = open_fake(kScale, {.profiler = profiler});
    session.run_async({{"x", row(1, 2)}}).wait();
    session.run({{"x", row(1, 2)}});
  }
  EXPECT_EQ(profiler->event_count(), 4U);
  const TemporaryFolder folder;
  profiler->write(folder.path() / "trace.json");
  const json trace = read(folder.path() / "trace.json");
  std::map<std::string, int> kinds;
  for (const json& event : trace.at("traceEvents")) {
    ++kinds[event.at("name").get<std::string>() + event.at("ph").get<std::string>()];
    EXPECT_EQ(event.at("cat"), "engine fake, model <bytes>");
    EXPECT_GT(event.at("ts").get<double>(), 0);
    EXPECT_GT(event.at("pid").get<int>(), 0);
    EXPECT_GT(event.at("tid").get<int>(), 0);
    if (event.at("ph") == "X") {
      EXPECT_GE(event.at("dur").get<double>(), 0);
    } else {
      EXPECT_EQ(event.at("id"), 1);
    }
  }
  EXPECT_EQ(kinds,
            (std::map<std::string, int>{{"copyX", 1}, {"queueb", 1}, {"queuee", 1}, {"runX", 2}}));
  EXPECT_EQ(trace.at("otherData").at("dropped_events"), 0);
}

TEST(ProfilerTest, RecordsEveryRunHoweverShort) {
  const auto profiler = std::make_shared<Profiler>();
  const InferenceSession session = open_fake(kScale, {.profiler = profiler});
  for (int i = 0; i < 200; ++i) session.run({{"x", row(1, 2)}});
  EXPECT_EQ(profiler->event_count(), 200U);
}

TEST(ProfilerTest, SaysHowManyItemsARunJoined) {
  const auto profiler = std::make_shared<Profiler>();
  const InferenceSession session = open_fake(kScale, {.max_batch_size = 8, .profiler = profiler});
  session.run_batch({{"x", Tensor(DType::kFloat32, {3, 2})}});
  const TemporaryFolder folder;
  profiler->write(folder.path() / "trace.json");
  EXPECT_EQ(read(folder.path() / "trace.json")["traceEvents"][0]["args"]["joined"], 3);
}

TEST(ProfilerTest, KeepsTheLastEvents) {
  const auto profiler = std::make_shared<Profiler>(10);
  const InferenceSession session = open_fake(kScale, {.profiler = profiler});
  for (int i = 0; i < 25; ++i) session.run({{"x", row(1, 2)}});
  EXPECT_EQ(profiler->event_count(), 10U);
  EXPECT_EQ(profiler->dropped_count(), 15U);
  const TemporaryFolder folder;
  profiler->write(folder.path() / "trace.json");
  const json trace = read(folder.path() / "trace.json");
  EXPECT_EQ(trace["otherData"]["dropped_events"], 15);
  ASSERT_EQ(trace["traceEvents"].size(), 10U);
  for (size_t i = 1; i < 10; ++i) {
    EXPECT_GE(trace["traceEvents"][i]["ts"].get<double>(),
              trace["traceEvents"][i - 1]["ts"].get<double>());
  }
}

TEST(ProfilerTest, LeavesNothingBehindWhereItCannotWrite) {
  const TemporaryFolder folder;
  const Profiler profiler;
  EXPECT_ERROR(profiler.write(folder.path() / "none" / "trace.json"), UnavailableError,
               HasSubstr("trace.json: the profile cannot be written"));
  EXPECT_THROW(profiler.write(folder.path()), UnavailableError) << "a folder is in its place";
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  for (const auto& entry : std::filesystem::directory_iterator(folder.path().parent_path())) {
    EXPECT_FALSE(entry.path().string().starts_with(folder.path().string() + "."));
  }
}

/// A session whose runs tell of two nodes; the first says when it began.
InferenceSession open_with_nodes(const std::shared_ptr<Profiler>& profiler, bool& was_asked) {
  return open_script(
      {.model = one_to_one({1}, {1}),
       .run =
           [&was_asked](const engine::RunArgs& args) {
             was_asked = args.wants_nodes();
             const auto now = std::chrono::steady_clock::now().time_since_epoch();
             fill_output(args, 0, {1}, 1);
             args.executed({.name = "first",
                            .op_type = "Conv",
                            .kernel = "gemm",
                            .start_ns = std::chrono::nanoseconds(now).count(),
                            .duration_ns = 10});
             args.executed({.op_type = "Relu", .duration_ns = 5});
           },
       .load = [&was_asked](const engine::LoadArgs& args) { was_asked = args.wants_nodes(); }},
      {.profiler = profiler});
}

TEST(ProfilerTest, WritesTheNodesOfARunWithinIt) {
  const auto profiler = std::make_shared<Profiler>(100, Profiler::Detail::kNodes);
  bool was_asked = false;
  const InferenceSession session = open_with_nodes(profiler, was_asked);
  EXPECT_TRUE(was_asked) << "at load";
  EXPECT_TRUE(session.report().profiles_nodes);
  session.run({{"x", Tensor::from({1.0F}, {1})}});
  EXPECT_TRUE(was_asked) << "in the run";
  ASSERT_EQ(profiler->event_count(), 3U);
  const TemporaryFolder folder;
  profiler->write(folder.path() / "trace.json");
  const json events = read(folder.path() / "trace.json")["traceEvents"];
  const auto begin = [](const json& event) { return event["ts"].get<double>(); };
  const auto end = [&](const json& event) { return begin(event) + event["dur"].get<double>(); };
  EXPECT_EQ(events[0]["name"], "run");
  EXPECT_EQ(events[1]["name"], "first");
  EXPECT_EQ(events[1]["args"], (json{{"op", "Conv"}, {"kernel", "gemm"}}));
  EXPECT_EQ(events[1]["tid"], events[0]["tid"]);
  EXPECT_GE(begin(events[1]), begin(events[0]));
  EXPECT_EQ(events[2]["name"], "Relu") << "it has no name";
  EXPECT_DOUBLE_EQ(begin(events[2]), end(events[1])) << "it follows the one before";
  EXPECT_NEAR(events[2]["dur"].get<double>(), 0.005, 1e-9);
}

TEST(ProfilerTest, AsksForNoNodesUnlessItWantsThem) {
  const auto profiler = std::make_shared<Profiler>();
  bool was_asked = true;
  const InferenceSession session = open_with_nodes(profiler, was_asked);
  EXPECT_FALSE(was_asked);
  EXPECT_FALSE(session.report().profiles_nodes);
  session.run({{"x", Tensor::from({1.0F}, {1})}});
  EXPECT_FALSE(was_asked);
  EXPECT_EQ(profiler->event_count(), 1U);
}

TEST(ProfilerTest, GetsRunsAloneOfAnEngineThatTellsOfNoNodes) {
  const auto profiler = std::make_shared<Profiler>(100, Profiler::Detail::kNodes);
  const InferenceSession session = open_fake(kScale, {.profiler = profiler});
  EXPECT_FALSE(session.report().profiles_nodes);
  session.run({{"x", row(1, 2)}});
  EXPECT_EQ(profiler->event_count(), 1U);
}

}  // namespace
}  // namespace xpuruntime
