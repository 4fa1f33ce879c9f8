// SPDX-License-Identifier: Apache-2.0
#include "toolkit/bisect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare_models.h"

namespace xpuruntime::toolkit {
namespace {

using testing::few;
using ::testing::HasSubstr;
using testing::kDigits;
using testing::kFake;
using testing::kWrong;
using testing::kWrongFused;
using testing::Models;

CompareReport bisected(const Models& models, std::vector<std::string> engines) {
  auto options = few(std::move(engines));
  options.bisect = true;
  return compare(models, options);
}

TEST(BisectTest, NamesTheNodeThatReadsAWrongWeight) {
  const TemporaryFolder folder;
  const auto wrong = testing::digits_with_wrong_weight(folder, "gemm7.bias", 3, 10);
  const auto report = bisected({kDigits, wrong}, {"reference"});
  ASSERT_EQ(report.bisections.size(), 1U);
  const Bisection& found = report.bisections[0];
  EXPECT_TRUE(found.found) << found.text;
  EXPECT_TRUE(found.survives_showing);
  EXPECT_EQ(found.candidate, "reference@cpu wrong.onnx");
  EXPECT_EQ(found.output, "logits");
  EXPECT_EQ(found.node, "gemm7");
  EXPECT_EQ(found.op_type, "Gemm");
  EXPECT_EQ(found.value, "gemm7");
  EXPECT_EQ(found.last_agreeing, "flatten6");
  EXPECT_EQ(found.values, 10U);
  EXPECT_EQ(found.comparison.agreement->disagreeing, 1);
  EXPECT_EQ(found.comparison.agreement->first_difference->index, (std::vector<int64_t>{0, 3}));
  EXPECT_THAT(found.text, HasSubstr("Gemm 'gemm7' is the first node whose output differs"));
}

TEST(BisectTest, NamesTheNodeThatAnEngineComputesWrongly) {
  const auto report = bisected({kDigits}, {"reference", kWrong});
  ASSERT_EQ(report.bisections.size(), 1U);
  const Bisection& found = report.bisections[0];
  EXPECT_TRUE(found.survives_showing);
  EXPECT_EQ(found.node, "relu1");
  EXPECT_EQ(found.last_agreeing, "conv0");
  EXPECT_EQ(found.comparison.agreement->first_difference->reference, "0");
}

TEST(BisectTest, CutsTheModelWhereShowingValuesMendsIt) {
  const auto report = bisected({kDigits}, {"reference", kWrongFused});
  EXPECT_FALSE(report.agrees());
  ASSERT_EQ(report.bisections.size(), 1U);
  const Bisection& found = report.bisections[0];
  EXPECT_FALSE(found.survives_showing);
  ASSERT_TRUE(found.found) << found.text;
  EXPECT_EQ(found.node, "relu1");
  EXPECT_EQ(found.last_agreeing, "conv0");
  EXPECT_THAT(found.text, HasSubstr("the outputs agree when inner values are shown"));
}

TEST(BisectTest, IsNotMadeWhereAllAgree) {
  const TemporaryFolder folder;
  const auto same = folder.path() / "same.onnx";
  std::filesystem::copy_file(kDigits, same);
  const auto report = bisected({kDigits, same}, {"reference"});
  EXPECT_EQ(report.compared(), 1U);
  EXPECT_TRUE(report.bisections.empty());
}

TEST(BisectTest, SaysThatOnlyOnnxModelsCanBeTakenApart) {
  const TemporaryFolder folder;
  const auto a =
      testing::fake_model(folder, "a", "input x float32 2\noutput y float32 2\ny = scale x 2");
  const auto b =
      testing::fake_model(folder, "b", "input x float32 2\noutput y float32 2\ny = scale x 3");
  const auto report = bisected({a, b}, {kFake});
  ASSERT_EQ(report.bisections.size(), 1U);
  EXPECT_FALSE(report.bisections[0].found);
  EXPECT_THAT(report.bisections[0].text, HasSubstr("only ONNX models"));
}

TEST(BisectTest, StopsWhenAskedTo) {
  auto options = few({"reference", kWrong});
  options.bisect = true;
  bool bisecting = false;
  options.progress = [&](const CompareProgress& told) { bisecting |= told.phase == "bisect"; };
  options.should_stop = [&] { return bisecting; };
  const auto report = compare(Models{kDigits}, options);
  EXPECT_TRUE(report.interrupted);
  ASSERT_EQ(report.bisections.size(), 1U);
  EXPECT_THAT(report.bisections[0].text, HasSubstr("interrupted"));
}

}  // namespace
}  // namespace xpuruntime::toolkit
