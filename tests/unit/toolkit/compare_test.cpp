// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare_models.h"
#include "expect_error.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

using testing::candidate;
using testing::fake_model;
using testing::few;
using ::testing::HasSubstr;
using testing::kDigits;
using testing::kFake;
using testing::kWrong;
using testing::Models;

constexpr const char* kTwice = "input x float32 N 2\noutput y float32 N 2\ny = scale x 2";
constexpr const char* kThrice = "input x float32 N 2\noutput y float32 N 2\ny = scale x 3";

TEST(CompareTest, FindsThatTwoEnginesAgree) {
  std::vector<std::string> engines{"reference"};
  const auto available = EngineRegistry::instance().available_engines();
  for (const char* name : {"onnxrt", "openvino"}) {
    if (std::ranges::find(available, name) != available.end()) engines.emplace_back(name);
  }
  if (engines.size() == 1) GTEST_SKIP() << "no other engine that loads ONNX models is built";
  const auto report = compare(Models{kDigits}, few(engines));
  EXPECT_TRUE(report.agrees());
  EXPECT_EQ(report.compared(), engines.size() - 1);
  EXPECT_EQ(report.reference, "reference@cpu");
  EXPECT_EQ(report.input_source, "random, seed 0");
  ASSERT_EQ(report.candidates.size(), engines.size());
  for (const auto& row : report.candidates) {
    EXPECT_TRUE(row.ran) << row.reason;
    EXPECT_EQ(row.latencies.size(), 3U);
    EXPECT_EQ(row.latency->count, 3U);
    EXPECT_GT(row.load_seconds, 0);
    EXPECT_GT(row.first_run_seconds, 0);
    EXPECT_FALSE(row.engine_version.empty());
    EXPECT_GT(row.runs_per_second, 0);
  }
  for (const auto& row : std::span(report.candidates).subspan(1)) {
    ASSERT_EQ(row.outputs.size(), 1U);
    EXPECT_EQ(row.outputs[0].verdict, Verdict::kAgrees);
    EXPECT_EQ(row.outputs[0].name, "logits");
    EXPECT_EQ(row.outputs[0].type, "float32[1,10]");
    EXPECT_EQ(row.outputs[0].agreement->rows, 1);
  }
}

TEST(CompareTest, FindsAnEngineThatIsWrong) {
  const auto report = compare(Models{kDigits}, few({kWrong, "reference"}));
  EXPECT_FALSE(report.agrees());
  EXPECT_EQ(report.reference, "reference@cpu");
  EXPECT_EQ(report.candidates[0].name, "reference@cpu");
  EXPECT_EQ(report.winner, "reference@cpu") << "however fast: it is the only one that agrees";
  const Candidate& wrong = candidate(report, "wrong@cpu");
  EXPECT_FALSE(wrong.agrees);
  EXPECT_EQ(wrong.outputs[0].verdict, Verdict::kDiffers);
  EXPECT_TRUE(wrong.outputs[0].agreement->first_difference.has_value());
  EXPECT_TRUE(wrong.slower_by_seconds.has_value());
}

TEST(CompareTest, FindsAWrongWeightInASecondFile) {
  const TemporaryFolder folder;
  const auto wrong = testing::digits_with_wrong_weight(folder, "gemm7.bias", 3, 10);
  const auto report = compare(Models{kDigits, wrong}, few({"reference"}));
  EXPECT_FALSE(report.agrees());
  EXPECT_EQ(report.reference, "reference@cpu digits.onnx");
  EXPECT_FALSE(candidate(report, "reference@cpu wrong.onnx").agrees);
}

TEST(CompareTest, ComparesWithinTheToleranceAskedFor) {
  const TemporaryFolder folder;
  const auto a = fake_model(folder, "a", kTwice);
  const auto b = fake_model(folder, "b",
                            "input x float32 N 2\noutput y float32 N 2\n"
                            "y = scale x 2.01");
  auto options = few({kFake});
  EXPECT_FALSE(compare(Models{a, b}, options).agrees());
  options.tolerance = kRelaxed;
  EXPECT_TRUE(compare(Models{a, b}, options).agrees());
  options.tolerance = kExact;
  EXPECT_FALSE(compare(Models{a, b}, options).agrees());
}

TEST(CompareTest, LoadsFromTheCacheWhereAskedAlone) {
  const TemporaryFolder folder;
  const Models models{fake_model(folder, "a", kTwice)};
  auto options = few({kFake});
  EXPECT_EQ(compare(models, options).candidates[0].cache, CacheOutcome::kOff);
  options.cache_dir = (folder.path() / "cache").string();
  EXPECT_EQ(compare(models, options).candidates[0].cache, CacheOutcome::kStored);
  const auto report = compare(models, options);
  EXPECT_EQ(report.candidates[0].cache, CacheOutcome::kHit);
  EXPECT_THAT(to_text(report, 120), HasSubstr(", cached "));
}

TEST(CompareTest, TakesTheReferenceThatIsNamedAndAddsIt) {
  auto options = few({"reference"});
  options.reference = kWrong;
  const auto report = compare(Models{kDigits}, options);
  EXPECT_EQ(report.reference, "wrong@cpu");
  EXPECT_EQ(report.candidates[0].name, "wrong@cpu");
  EXPECT_FALSE(candidate(report, "reference@cpu").agrees);
}

TEST(CompareTest, TellsInARowWhyACandidateCannotBeBuilt) {
  const auto report = compare(
      Models{kDigits}, few({"reference", "reference@cuda:0", "/none/libxpuruntime_engine_x.so"}));
  const Candidate& absent = candidate(report, "reference@cuda:0");
  EXPECT_FALSE(absent.ran);
  EXPECT_EQ(absent.error, "UnavailableError");
  EXPECT_THAT(absent.reason, HasSubstr("cpu alone"));
  EXPECT_FALSE(report.candidates[2].ran);
  EXPECT_FALSE(report.candidates[2].reason.empty());
  EXPECT_EQ(report.compared(), 0U);
  EXPECT_FALSE(report.agrees()) << "nothing was compared";
  EXPECT_EQ(report.winner, "reference@cpu");
}

TEST(CompareTest, TellsInARowThatARunFails) {
  const TemporaryFolder folder;
  const auto good = fake_model(folder, "good", kTwice);
  const auto bad = fake_model(folder, "bad",
                              "input x float32 N 2\noutput y float32 N 2\n"
                              "fail engine \"it broke\"\ny = scale x 2");
  const auto report = compare(Models{good, bad}, few({kFake}));
  const Candidate& row = candidate(report, "fake@cpu bad.fake");
  EXPECT_FALSE(row.ran);
  EXPECT_EQ(row.error, "EngineError");
  EXPECT_THAT(row.reason, HasSubstr("it broke"));
}

TEST(CompareTest, TakesTheNextAsReferenceWhereTheFirstCannotRun) {
  const TemporaryFolder folder;
  const auto bad = fake_model(folder, "bad",
                              "input x float32 N 2\noutput y float32 N 2\n"
                              "fail engine \"it broke\"\ny = scale x 2");
  const auto good = fake_model(folder, "good", kTwice);
  const auto report = compare(Models{bad, good}, few({kFake}));
  EXPECT_EQ(report.reference, "fake@cpu good.fake");
  EXPECT_EQ(report.candidates[0].name, report.reference);
}

TEST(CompareTest, RaisesWhatTheNamedReferenceFailsWith) {
  auto options = few({"reference"});
  options.reference = "reference@cuda:0";
  EXPECT_ERROR(compare(Models{kDigits}, options), UnavailableError, "cpu alone");
}

TEST(CompareTest, RaisesWhatAllCandidatesFailWith) {
  EXPECT_ERROR(compare(Models{kDigits}, few({"reference@cuda:0"})), UnavailableError, "cpu alone");
  const Models malformed{XPURT_TEST_DATA_DIR "/wrong/truncated.onnx",
                         XPURT_TEST_DATA_DIR "/wrong/not_onnx.onnx"};
  EXPECT_ERROR(compare(malformed, few({"reference"})), InvalidArgumentError, "not_onnx.onnx");
}

TEST(CompareTest, GivesShapesAndDtypesOfTheirOwnAVerdict) {
  const TemporaryFolder folder;
  const auto a = fake_model(folder, "a",
                            "input x float32 2\noutput y float32 -1\n"
                            "output z float32 -1\ny = fill 1 2\nz = fill 1 2");
  const auto b = fake_model(folder, "b",
                            "input x float32 2\noutput y float32 -1\n"
                            "output z int64 -1 -1\ny = fill 1 3\nz = nonzero x");
  const auto report = compare(Models{a, b}, few({kFake}));
  const auto& outputs = candidate(report, "fake@cpu b.fake").outputs;
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].verdict, Verdict::kShapeMismatch);
  EXPECT_EQ(outputs[0].actual_type, "float32[3]");
  EXPECT_EQ(outputs[1].verdict, Verdict::kDtypeMismatch);
  EXPECT_FALSE(outputs[1].agreement.has_value());
  EXPECT_FALSE(report.agrees());
}

TEST(CompareTest, MatchesInputsAndOutputsInOrderWhereNamesAreOthers) {
  const TemporaryFolder folder;
  const auto a = fake_model(folder, "a",
                            "input x float32 2\ninput k float32 2\n"
                            "output y float32 2\noutput s float32\n"
                            "y = add x k\ns = sum x");
  const auto b = fake_model(folder, "b",
                            "input arg0 float32 2\ninput arg1 float32 2\n"
                            "output out0 float32 2\noutput out1 float32\n"
                            "out0 = add arg0 arg1\nout1 = sum arg0");
  const auto report = compare(Models{a, b}, few({kFake}));
  EXPECT_TRUE(report.agrees());
  const auto& outputs = candidate(report, "fake@cpu b.fake").outputs;
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[1].name, "s");
  EXPECT_EQ(outputs[1].actual_name, "out1");
}

TEST(CompareTest, FindsMissingOutputsAndWarnsOfMore) {
  const TemporaryFolder folder;
  const auto one = fake_model(folder, "one", kTwice);
  const auto two = fake_model(folder, "two", std::string(kTwice) + "\noutput z float32\nz = sum x");
  const auto more = compare(Models{one, two}, few({kFake}));
  EXPECT_TRUE(more.agrees());
  EXPECT_THAT(more.warnings, ::testing::Contains(HasSubstr("more outputs")));
  const auto fewer = compare(Models{two, one}, few({kFake}));
  EXPECT_FALSE(fewer.agrees());
  EXPECT_EQ(candidate(fewer, "fake@cpu one.fake").outputs[1].verdict, Verdict::kMissing);
}

TEST(CompareTest, RunsWhatIsGiven) {
  const TemporaryFolder folder;
  const auto a = fake_model(folder, "a", kTwice), b = fake_model(folder, "b", kThrice);
  auto options = few({kFake});
  options.inputs = {{"x", Tensor::from<float>({0, 1}, {1, 2})}};
  const auto report = compare(Models{a, b}, options);
  const Agreement& agreement = *candidate(report, "fake@cpu b.fake").outputs[0].agreement;
  EXPECT_EQ(report.input_source, "given");
  EXPECT_EQ(agreement.disagreeing, 1);
  EXPECT_EQ(agreement.first_difference->index, (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(agreement.first_difference->actual, "3");
  EXPECT_EQ(agreement.first_difference->reference, "2");
}

TEST(CompareTest, FillsDynamicDimensionsAsAskedFor) {
  auto options = few({"reference"});
  options.batch = 3;
  EXPECT_EQ(compare(Models{kDigits}, options).inputs[0].shape, (Shape{3, 1, 8, 8}));
  options.batch = 1;
  options.shapes = {{"image", {2, 1, 8, 8}}};
  EXPECT_EQ(compare(Models{kDigits}, options).inputs[0].shape, (Shape{2, 1, 8, 8}));
}

TEST(CompareTest, RefusesWhatMakesNoSense) {
  const TemporaryFolder folder;
  const Models digits{kDigits};
  const auto refused = [&](const char* words, auto&& change) {
    auto options = few({"reference"});
    change(options);
    EXPECT_ERROR(compare(digits, options), InvalidArgumentError, words);
  };
  EXPECT_ERROR(compare(Models{}, few({"reference"})), InvalidArgumentError, "at least one");
  EXPECT_ERROR(compare(Models{kDigits, kDigits}, few({"reference"})), InvalidArgumentError,
               "twice");
  EXPECT_ERROR(compare(Models{"/none.onnx"}, few({"reference"})), ModelNotFoundError, "/none.onnx");
  EXPECT_THROW(compare(digits, few({"nothing"})), UnsupportedOperationError);
  refused("twice", [](auto& o) { o.engines = {"reference", "reference"}; });
  refused("twice", [](auto& o) { o.engines = {"reference", "reference@cpu"}; });
  refused("alone", [](auto& o) { o.engines = {"reference", "all"}; });
  refused("ENGINE@DEVICE", [](auto& o) { o.engines = {"reference@"}; });
  refused("toaster", [](auto& o) { o.engines = {"reference@toaster"}; });
  refused("rtol", [](auto& o) { o.tolerance.relative = -1; });
  refused("batch", [](auto& o) { o.batch = 0; });
  refused("seconds", [](auto& o) { o.iterations = 0, o.seconds = 0; });
  refused("no input 'y'", [](auto& o) { o.shapes = {{"y", {1}}}; });
  refused("'image'", [](auto& o) { o.inputs = {{"image", Tensor(DType::kFloat32, {8, 8})}}; });
  refused("both", [](auto& o) {
    o.inputs = {{"image", Tensor(DType::kFloat32, {1, 1, 8, 8})}};
    o.input_path = "x.npz";
  });
  refused("are given", [](auto& o) {
    o.inputs = {{"image", Tensor(DType::kFloat32, {1, 1, 8, 8})}};
    o.batch = 2;
  });
  auto options = few({"reference"});
  options.reference = "nothing";
  EXPECT_THROW(compare(digits, options), UnsupportedOperationError);
  const auto other = folder.write("model.other", "x");
  EXPECT_ERROR(compare(Models{other}, few({})), UnsupportedOperationError, "model.other");
}

TEST(CompareTest, RefusesFilesOfTwoModels) {
  const TemporaryFolder folder;
  const auto a = fake_model(folder, "a", kTwice);
  const auto b = fake_model(folder, "b", "input x int64 2\noutput y int64 2\ny = identity x");
  EXPECT_ERROR(compare(Models{a, b}, few({kFake})), InvalidArgumentError, "b.fake");
}

TEST(CompareTest, GivesWhatThereIsWhenItIsStopped) {
  auto options = few({"reference", kWrong});
  options.iterations = 1000000;
  bool measuring = false;
  options.progress = [&](const CompareProgress& progress) {
    measuring = measuring || (progress.phase == "measure" && progress.fraction > 0);
  };
  options.should_stop = [&] { return measuring; };
  const auto report = compare(Models{kDigits}, options);
  EXPECT_TRUE(report.interrupted);
  EXPECT_TRUE(candidate(report, "reference@cpu").latency.has_value());
  EXPECT_EQ(report.compared(), 1U);
  options.should_stop = [] { return true; };
  const auto none = compare(Models{kDigits}, options);
  EXPECT_TRUE(none.interrupted);
  EXPECT_EQ(none.candidates[0].error, "CancelledError");
  EXPECT_EQ(none.reference, "");
}

TEST(CompareTest, TellsHowFarItIs) {
  auto options = few({"reference", kWrong});
  options.bisect = true;
  std::set<std::string> phases;
  options.progress = [&](const CompareProgress& progress) {
    phases.insert(progress.phase);
    EXPECT_GE(progress.fraction, 0);
    EXPECT_LE(progress.fraction, 1);
  };
  compare(Models{kDigits}, options);
  EXPECT_EQ(phases, (std::set<std::string>{"load", "first run", "warm up", "measure", "bisect"}));
}

TEST(CompareTest, TakesEveryEngineThatLoadsTheModelByDefault) {
  const auto report = compare(Models{kDigits}, few({}));
  EXPECT_EQ(report.reference, "reference@cpu");
  for (const auto& row : report.candidates) EXPECT_NE(row.engine, "fake");
}

}  // namespace
}  // namespace xpuruntime::toolkit
