// SPDX-License-Identifier: Apache-2.0
/// Packages of AOTInductor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support.h"

namespace xpuruntime::torch_engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

/// With a TMPDIR of its own, in which nothing may stay.
struct PackageTest : testing::Test {
  PackageTest() {
    fs::create_directories(folder);
    setenv("TMPDIR", folder.c_str(), 1);
  }
  ~PackageTest() override {
    EXPECT_TRUE(fs::is_empty(folder)) << "files were left behind";
    fs::remove_all(folder);
    unsetenv("TMPDIR");
  }
  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_packages_" + std::to_string(getpid()));
};

std::vector<float> run_mlp(const conformance::Context& context, int64_t rows) {
  Sink sink(1);
  const Outcome outcome = context.run({ones({rows, 16})}, sink, 1);
  if (!outcome.ok()) throw std::runtime_error(outcome.text);
  std::vector<float> values = values_of(sink.copy(0));
  sink.release_given();
  return values;
}

TEST_F(PackageTest, GivesTheNumbersOfTorchScript) {
  const auto script = plugin().load(made("mlp.pt"));
  const auto package = plugin().load(made("packages/mlp.pt2"));
  EXPECT_TRUE(fs::is_empty(folder)) << "the files are not needed once it is loaded";
  for (const int64_t rows : {1, 5, 64}) {
    const auto expected = run_mlp(script.context(), rows);
    const auto got = run_mlp(package.context(), rows);
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-5F);
  }
}

TEST_F(PackageTest, LoadsFromBytes) {
  const auto model = plugin().load(made("packages/mlp.pt2").as_bytes());
  EXPECT_EQ(run_mlp(model.context(), 2).size(), 8U);
}

TEST_F(PackageTest, TakesNamesAndBoundsFromTheNotes) {
  const auto model = plugin().load(made("packages/multi_io.pt2"));
  const xpurt_model_info& info = model.info();
  EXPECT_THAT(names(info.inputs, info.input_count), ElementsAre("values", "offset"));
  EXPECT_THAT(names(info.outputs, info.output_count), ElementsAre("shifted", "best", "positive"));
  EXPECT_EQ(info.inputs[0]->shape[0], -1);
  EXPECT_EQ(info.inputs[0]->max_shape[0], 64);
}

TEST_F(PackageTest, NamesWhatIsNotNotedByOrder) {
  const auto model = plugin().load(made("packages/bare.pt2"));
  EXPECT_THAT(names(model.info().inputs, 1), ElementsAre("input_0"));
  EXPECT_THAT(names(model.info().outputs, 1), ElementsAre("output"));
}

TEST_F(PackageTest, NamesInputDimensionAndBoundOfAWrongShape) {
  const auto noted = plugin().load(made("packages/mlp.pt2"));
  Sink sink(1);
  const Outcome outcome = noted.context().run({ones({65, 16})}, sink, 1);
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, HasSubstr("input 'x', dimension 0: expected at most 64, got 65"));
}

TEST_F(PackageTest, ChecksShapesAndTypesThatAreNotNoted) {
  const auto bare = plugin().load(made("packages/bare.pt2"));
  const auto context = bare.context();
  const std::pair<Tensor, const char*> wrong[] = {
      {ones({65, 16}), "<= 64"},
      {ones({2, 8}), "expected: 16"},
      {Tensor(XPURT_DOUBLE, {2, 16}), "unmatched dtype"}};
  for (const auto& [input, words] : wrong) {
    Sink sink(1);
    const Outcome outcome = context.run({input}, sink, 1);
    EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
    EXPECT_THAT(outcome.text, AllOf(HasSubstr("input 'input_0'"), HasSubstr(words)));
  }
  EXPECT_EQ(run_mlp(context, 2).size(), 8U);
}

TEST_F(PackageTest, RunsOnManyThreadsAtOnce) {
  const auto model = plugin().load(made("packages/mlp.pt2"));
  const auto expected = run_mlp(model.context(), 3);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto context = model.context();
      for (int run = 0; run < 50; ++run) EXPECT_EQ(run_mlp(context, 3), expected);
    });
  }
}

TEST_F(PackageTest, LeavesNothingBehindWhenTheLoadFails) {
  const std::string whole = made("packages/mlp.pt2").as_bytes().content;
  // A shared library that is none: the zip file is right, and its checksum is what torch checks.
  std::string broken = whole;
  const size_t at = broken.find(
      "\x7f"
      "ELF");
  ASSERT_NE(at, broken.npos);
  std::fill_n(broken.begin() + static_cast<int64_t>(at), 64, 'x');
  EXPECT_EQ(refusal(Source::bytes(broken)).code, XPURT_INVALID_ARGUMENT);
  EXPECT_EQ(refusal(Source::bytes(whole.substr(0, whole.size() / 2))).code, XPURT_INVALID_ARGUMENT);
}

TEST_F(PackageTest, NamesTheModelsOfAPackage) {
  const Outcome outcome = refusal(made("packages/mlp.pt2"), with({{"model_name", "other"}}));
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("the package has model"), HasSubstr("'other'")));
}

TEST_F(PackageTest, RefusesAPrecisionThatItWasNotCompiledFor) {
  EXPECT_EQ(refusal(made("packages/mlp.pt2"), with({{"precision", "fp16"}})).code,
            XPURT_INVALID_ARGUMENT);
}

TEST_F(PackageTest, SaysThatItCannotUnpack) {
  setenv("TMPDIR", "/no/such/folder", 1);
  const Outcome outcome = refusal(made("packages/mlp.pt2"));
  EXPECT_EQ(outcome.code, XPURT_UNAVAILABLE);
  EXPECT_THAT(outcome.text, HasSubstr("TMPDIR"));
}

}  // namespace
}  // namespace xpuruntime::torch_engine
