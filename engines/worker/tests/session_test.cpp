// SPDX-License-Identifier: Apache-2.0
/// A session is the same with its engine in another process.
#include <algorithm>
#include <numeric>

#include "isolated.h"

namespace xpuruntime::worker_engine {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<float> counted(size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

class TransportTest : public testing::TestWithParam<const char*> {
  void SetUp() override {
    if (*GetParam() != '\0' && !is_built(GetParam())) GTEST_SKIP() << kNotBuilt;
  }
};

TEST_P(TransportTest, RunsAsInThisProcess) {
  const InferenceSession there(model("mlp"), isolated(GetParam()));
  SessionConfig config;
  config.engine = "reference";
  const InferenceSession here(model("mlp"), config);
  EXPECT_EQ(there.report().transport, *GetParam() != '\0' ? GetParam() : "shared_memory");
  EXPECT_EQ(here.report().transport, "");
  for (const int64_t rows : {1, 3, 0, 200}) {
    const auto x = Tensor::from<float>(counted(static_cast<size_t>(rows) * 16), {rows, 16});
    const auto expected = here.run({{"x", x}}).at("y");
    const auto got = there.run({{"x", x}}).at("y");
    EXPECT_EQ(got.shape(), expected.shape());
    EXPECT_TRUE(std::ranges::equal(got.values<float>(), expected.values<float>()));
  }
}

TEST_P(TransportTest, CarriesLargeOutputsThatOutliveTheSession) {
  const Traces before;
  std::vector<Tensor> held;
  {
    const InferenceSession session(model("identity_float32"), isolated(GetParam()));
    for (size_t i = 1; i <= 5; ++i) {
      const auto x = Tensor::from<float>(counted(100'000 * i), {static_cast<int64_t>(100'000 * i)});
      held.push_back(session.run({{"x", x}}).at("y"));
    }
  }
  for (size_t i = 0; i < held.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(held[i].values<float>(), counted(100'000 * (i + 1))));
    held[i].mutable_values<float>()[0] = 7;  // it is the user's
  }
  held.clear();
  EXPECT_EQ(Traces(), before);
}

TEST_P(TransportTest, CarriesStrings) {
  SessionConfig config = isolated(GetParam());
  const InferenceSession session(model("identity_string"), config);
  const std::vector<std::string> words{"", "one", "\xC3\xA9t\xC3\xA9", std::string(100'000, 'x')};
  const auto y = session.run({{"x", Tensor::from_strings(words, {4})}}).at("y");
  EXPECT_TRUE(std::ranges::equal(y.strings(), words));
}

INSTANTIATE_TEST_SUITE_P(Every, TransportTest,
                         testing::Values("", "shared_memory", "unix", "tcp", "pipe", "grpc",
                                         "json_file"),
                         [](const auto& each) {
                           return *each.param != '\0' ? std::string(each.param) : "unsaid";
                         });

TEST(WorkerSessionTest, NamesTheEngineThatReallyRuns) {
  SessionConfig config;
  config.engine = "reference";
  const InferenceSession here(model("mlp"), config);
  const InferenceSession there(model("mlp"), isolated());
  EXPECT_EQ(there.engine_name(), "reference");
  EXPECT_EQ(there.report().engine_version, here.report().engine_version);
  EXPECT_EQ(there.report().placement, here.report().placement);
  EXPECT_EQ(there.model_info().opset, here.model_info().opset);
  EXPECT_EQ(there.model_info().metadata, here.model_info().metadata);
  RunReport report;
  const auto x = Tensor::from<float>(counted(16), {1, 16});
  there.run({{"x", x}}, {.report = &report});
  EXPECT_EQ(report.engine, "reference");
  EXPECT_EQ(report.engine_version, here.report().engine_version);
}

/// Why a run copied, in order.
std::vector<std::string> copies_of(const InferenceSession& session, const NamedTensors& inputs) {
  RunReport report;
  session.run(inputs, {.report = &report});
  std::vector<std::string> reasons;
  for (const CopyRecord& copy : report.copies) reasons.push_back(copy.why);
  return reasons;
}

TEST(WorkerSessionTest, CopiesOnceEachWayAtMost) {
  constexpr const char* kIn = "an input goes into the memory of the worker process";
  constexpr const char* kOut = "an output comes out of the memory of the worker process";
  const InferenceSession fixed(model("add"), isolated());
  const auto x = Tensor::from<float>(counted(6), {2, 3});
  EXPECT_THAT(copies_of(fixed, {{"x", x}, {"y", x}}), testing::ElementsAre(kIn, kIn, kOut));
  // What the worker could not know the size of it copies; what is large is handed out as it lies.
  const InferenceSession dynamic(model("mlp"), isolated());
  const auto rows = Tensor::from<float>(counted(80'000), {5'000, 16});
  EXPECT_THAT(copies_of(dynamic, {{"x", rows}}),
              testing::ElementsAre(kIn,
                                   "in the worker process: 'y', its size was not known when "
                                   "the run began"));
}

TEST(WorkerSessionTest, WritesIntoMemoryThatIsGiven) {
  const InferenceSession session(model("identity_float32"), isolated());
  for (const int64_t count : {10, 100'000}) {
    const auto x = Tensor::from<float>(counted(static_cast<size_t>(count)), {count});
    Tensor y(DType::kFloat32, {count});
    const void* const memory = y.data();
    session.run(std::span(&x, 1), std::span(&y, 1));
    EXPECT_EQ(y.data(), memory);
    EXPECT_TRUE(std::ranges::equal(y.values<float>(), x.values<float>()));
  }
}

TEST(WorkerSessionTest, LoadsBytes) {
  std::ifstream file(model("mlp"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const InferenceSession session(std::as_bytes(std::span(bytes)), isolated());
  EXPECT_EQ(session.run({{"x", Tensor(DType::kFloat32, {2, 16})}}).at("y").shape(), Shape({2, 4}));
}

TEST(WorkerSessionTest, IsAChoiceOfAFallbackListToo) {
  SessionConfig config = isolated();
  config.isolation = Isolation::kNone;
  config.engine = "worker:reference";
  EXPECT_EQ(InferenceSession(model("mlp"), config).report().transport, "shared_memory");
  config.engine = "worker:reference@cpu";
  EXPECT_EQ(InferenceSession(model("mlp"), config).engine_name(), "reference");
  config.engine = "reference@cuda:0";
  config.fallback = {"worker:reference@cpu"};
  const InferenceSession session(model("mlp"), config);
  EXPECT_EQ(session.report().transport, "shared_memory");
  EXPECT_EQ(session.report().rule, "fallback 'worker:reference@cpu'");
}

std::string words_of(const std::string& file, const SessionConfig& config, ErrorCode code) {
  try {
    const InferenceSession session(file, config);
  } catch (const XpuRuntimeError& error) {
    EXPECT_EQ(error.code(), code) << error.name() << ": " << error.what();
    return error.what();
  }
  ADD_FAILURE() << "it opened";
  return "";
}

TEST(WorkerSessionTest, FailsAsInThisProcess) {
  const Traces before;
  SessionConfig here = isolated();
  here.isolation = Isolation::kNone;
  for (const char* wrong : {"wrong/cyclic", "wrong/truncated", "unsupported_op"}) {
    SCOPED_TRACE(wrong);
    try {
      const InferenceSession session(model(wrong), here);
      FAIL();
    } catch (const XpuRuntimeError& error) {
      EXPECT_EQ(words_of(model(wrong), isolated(), error.code()), error.what());
    }
  }
  SessionConfig config = isolated();
  config.engine_options = {{"no_such_option", "1"}};
  EXPECT_THAT(words_of(model("mlp"), config, ErrorCode::UnsupportedOperationError),
              HasSubstr("engine reference has no option 'no_such_option'"));
  config = isolated();
  config.engine = "refrence";
  EXPECT_THAT(words_of(model("mlp"), config, ErrorCode::UnsupportedOperationError),
              HasSubstr("did you mean 'reference'?"));
  EXPECT_EQ(Traces(), before);
}

TEST(WorkerSessionTest, NamesTheModelAsTheCallerDoes) {
  const std::string path = std::filesystem::relative(model("fill")).string();
  const InferenceSession session(path, isolated());
  const auto shape = Tensor::from<int64_t>({-1, 3}, {2});
  try {
    session.run({{"shape", shape}});
    FAIL();
  } catch (const InvalidArgumentError& error) {
    const std::string end = " (engine reference, model " + path + ")";
    EXPECT_THAT(error.what(), testing::EndsWith("a negative dimension" + end));
  }
}

TEST(WorkerSessionTest, RefusesSettingsThatDoNotFit) {
  EXPECT_THAT(words_of(model("mlp"), isolated("pigeon"), ErrorCode::InvalidArgumentError),
              HasSubstr("option 'worker.transport' of engine reference: expected one of "
                        "shared_memory, unix, tcp, pipe, grpc, json_file, got 'pigeon'"));
  SessionConfig config = isolated("tcp");
  config.isolation = Isolation::kNone;
  EXPECT_THAT(words_of(model("mlp"), config, ErrorCode::InvalidArgumentError),
              HasSubstr("ask for isolation \"process\" too"));
  config = isolated();
  config.model_factory = "package:function";
  EXPECT_THAT(words_of(model("mlp"), config, ErrorCode::UnsupportedOperationError),
              HasSubstr("it takes no model_factory"));
  config = isolated();
  config.engine = "worker";
  EXPECT_THAT(words_of(model("mlp"), config, ErrorCode::UnsupportedOperationError),
              HasSubstr("write worker:onnxrt"));
}

TEST(WorkerSessionTest, RunsManyThreadsAtOnce) {
  SessionConfig config = isolated();
  config.contexts = 3;
  const InferenceSession session(model("mlp"), config);
  EXPECT_EQ(session.report().contexts, 3u);
  std::vector<Job> jobs;
  for (int64_t i = 0; i < 60; ++i) {
    jobs.push_back(session.run_async({{"x", Tensor(DType::kFloat32, {i % 5, 16})}}));
  }
  for (int64_t i = 0; i < 60; ++i) {
    EXPECT_EQ(jobs[static_cast<size_t>(i)].wait().at("y").shape(), Shape({i % 5, 4}));
  }
}

TEST(WorkerSessionTest, TellsTheProgressOfALoadAndCancelsIt) {
  const Traces before;
  SessionConfig config = isolated();
  std::vector<std::string> phases;
  config.progress = [&](const char* phase, uint64_t, uint64_t) {
    phases.emplace_back(phase);
    return true;
  };
  {
    const InferenceSession session(model("mlp"), config);
  }
  EXPECT_THAT(phases, testing::Contains("read"));
  config.progress = [](const char*, uint64_t, uint64_t) { return false; };
  words_of(model("mlp"), config, ErrorCode::CancelledError);
  EXPECT_EQ(Traces(), before);
}

TEST(WorkerSessionTest, LeavesNothingBehind) {
  const Traces before;
  for (const std::string& transport : every_transport()) {
    InferenceSession session(model("mlp"), isolated(transport));
    session.run({{"x", Tensor(DType::kFloat32, {2, 16})}});
    EXPECT_EQ(workers().size(), before.processes.size() + 1);
    session.close();
  }
  EXPECT_EQ(Traces(), before);
}

}  // namespace
}  // namespace xpuruntime::worker_engine
