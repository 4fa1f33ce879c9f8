// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/tune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare_models.h"
#include "expect_error.h"
#include "toolkit/tune_space.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kDigits;
using testing::kWrong;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class TuneTest : public ::testing::Test {
 protected:
  /// Short, since nothing here is about time.
  TuneOptions quick(std::vector<std::string> engines) const {
    return {.engines = std::move(engines),
            .reference = "reference",
            .seconds = 1,
            .final_seconds = 0.01,
            .cache_dir = (folder_.path() / "cache").string()};
  }
  static const Trial& trial(const TuneReport& report, const std::string& name) {
    const auto found = std::ranges::find(report.trials, name, &Trial::name);
    if (found == report.trials.end()) throw std::runtime_error("no trial " + name);
    return *found;
  }
  std::string rule(const SessionConfig& config) const {
    return InferenceSession(kDigits, config).report().rule;
  }

  const TemporaryFolder folder_;
};

TEST_F(TuneTest, RefusesAnEngineThatIsWrong) {
  const TuneReport report = tune(kDigits, quick({kWrong, "reference"}));
  const auto wrong = std::ranges::find(report.trials, kWrong + "@auto", &Trial::name);
  ASSERT_NE(wrong, report.trials.end());
  EXPECT_EQ(wrong->outcome, TrialOutcome::kRefused);
  EXPECT_EQ(wrong->error, "AgreementError");
  EXPECT_THAT(wrong->reason, HasSubstr("output 'logits'"));
  EXPECT_THAT(report.finalists,
              Each(Field(&Finalist::config, Field(&SessionConfig::engine, Not("wrong")))));
}

TEST_F(TuneTest, StoresWhatAutoGoesBy) {
  const TuneReport report = tune(kDigits, quick({"reference"}));
  EXPECT_EQ(report.reference, "reference@cpu");
  EXPECT_EQ(report.input_source, "random, seed 0");
  ASSERT_THAT(report.finalists, Not(IsEmpty()));
  EXPECT_FALSE(report.winner.empty());
  EXPECT_NE(report.best.engine, "auto");
  ASSERT_THAT(report.decisions, SizeIs(2)) << "the digit model is dynamic";
  SessionConfig asked{.cache_dir = (folder_.path() / "cache").string()};
  EXPECT_EQ(rule(asked), "auto: tuned, by " + report.decisions[0].string());
  asked.shapes = {{"image", {1, 1, 8, 8}}};
  EXPECT_EQ(rule(asked), "auto: tuned, by " + report.decisions[1].string());
}

TEST_F(TuneTest, TimesTheDefaultBesideTheBest) {
  const TuneReport report = tune(kDigits, quick({"reference"}));
  if (!report.trials[0].p50) GTEST_SKIP() << "the default engine is not built";
  EXPECT_THAT(report.trials[0].name, StartsWith("default: "));
  EXPECT_EQ(report.finalists[0].name, report.trials[0].name);
  EXPECT_EQ(report.finalists[0].gain, 1);
  for (const Finalist& each : report.finalists) {
    EXPECT_GT(each.latency.p50, 0);
    EXPECT_DOUBLE_EQ(each.gain, report.finalists[0].latency.p50 / each.latency.p50);
  }
}

TEST_F(TuneTest, KeepsADynamicModelDynamicWhenAsked) {
  TuneOptions options = quick({"reference"});
  options.specialize = false;
  const TuneReport report = tune(kDigits, options);
  EXPECT_THAT(report.decisions, SizeIs(1));
  for (const Trial& each : report.trials) EXPECT_THAT(each.config.shapes, IsEmpty());
}

TEST_F(TuneTest, StoresNothingWithoutACache) {
  TuneOptions options = quick({"reference"});
  options.cache_dir = "";
  EXPECT_THAT(tune(kDigits, options).decisions, IsEmpty());
}

TEST_F(TuneTest, AFolderThatCannotBeWrittenIsAWarning) {
  TuneOptions options = quick({"reference"});
  options.cache_dir = folder_.write("file", "").string();
  const TuneReport report = tune(kDigits, options);
  EXPECT_FALSE(report.winner.empty());
  EXPECT_THAT(report.decisions, IsEmpty());
  EXPECT_THAT(report.warnings, ::testing::Contains(HasSubstr("is not stored")));
}

TEST_F(TuneTest, LeavesOutWhatThereIsNoTimeFor) {
  TuneOptions options = quick({"reference", kWrong});
  options.seconds = 1e-3;
  const TuneReport report = tune(kDigits, options);
  EXPECT_FALSE(report.winner.empty());
  EXPECT_THAT(report.trials, ::testing::Contains(Field(&Trial::outcome, TrialOutcome::kNotTried)));
}

TEST_F(TuneTest, DecidesNothingWhenItIsStopped) {
  TuneOptions options = quick({"reference"});
  int asked = 0;
  options.should_stop = [&] { return ++asked > 20; };
  const TuneReport report = tune(kDigits, options);
  EXPECT_TRUE(report.interrupted);
  EXPECT_THAT(report.decisions, IsEmpty());
  EXPECT_EQ(report.winner, "");
}

TEST_F(TuneTest, DecidesNothingWhenItIsStoppedAtTheEnd) {
  TuneOptions options = quick({"reference"});
  bool is_final = false;
  options.progress = [&](const TuneProgress& progress) { is_final = progress.phase == "final"; };
  options.should_stop = [&] { return is_final; };
  const TuneReport report = tune(kDigits, options);
  EXPECT_TRUE(report.interrupted);
  EXPECT_THAT(report.decisions, IsEmpty());
  EXPECT_EQ(report.winner, "");
}

TEST_F(TuneTest, TellsHowFarItIs) {
  TuneOptions options = quick({"reference"});
  std::set<std::string> phases;
  options.progress = [&](const TuneProgress& progress) {
    phases.insert(progress.phase);
    EXPECT_GE(progress.fraction, 0);
    EXPECT_LE(progress.fraction, 1);
  };
  tune(kDigits, options);
  EXPECT_THAT(phases, ::testing::ElementsAre("final", "reference", "search"));
}

TEST_F(TuneTest, RefusesWrongOptions) {
  TuneOptions options = quick({"reference"});
  options.seconds = 0;
  EXPECT_ERROR(tune(kDigits, options), InvalidArgumentError, "seconds");
  options = quick({"reference"});
  options.batch = 0;
  EXPECT_ERROR(tune(kDigits, options), InvalidArgumentError, "batch");
  options = quick({"nonesuch"});
  EXPECT_ERROR(tune(kDigits, options), UnsupportedOperationError, "nonesuch");
  EXPECT_ERROR(tune("nowhere.onnx", quick({})), ModelNotFoundError, "nowhere.onnx");
}

TEST_F(TuneTest, SaysAllOfItInJsonAndInTables) {
  const TuneReport report = tune(kDigits, quick({"reference"}));
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["winner"], report.winner);
  EXPECT_EQ(json["trials"].size(), report.trials.size());
  EXPECT_EQ(json["best"], nlohmann::json::parse(xpuruntime::to_json(report.best)));
  const std::string text = to_text(report);
  EXPECT_THAT(text, HasSubstr(report.winner));
  EXPECT_THAT(text, HasSubstr("measured again, in turns"));
}

TEST(TuneSpaceTest, VariesThreadsPrecisionsAndKnownOptions) {
  EngineStatus engine;
  engine.name = "openvino";
  engine.options.resize(1);
  engine.options[0].name = "precision";
  const SessionConfig base{.engine = "openvino", .device = "cpu"};
  std::vector<std::string> names;
  for (const auto& each : variations(base, engine, 8, {"fp32", "bf16"})) {
    names.push_back(name_of(each));
  }
  EXPECT_THAT(names, ::testing::ElementsAre("openvino@cpu, performance_hint=throughput, streams=1",
                                            "openvino@cpu, 4 threads", "openvino@cpu, 1 thread",
                                            "openvino@cpu, bf16"));
}

TEST(TuneSpaceTest, HasNoThreadsToTakeAwayFromOne) {
  EngineStatus engine;
  engine.name = "onnxrt";
  EXPECT_THAT(variations({.engine = "onnxrt", .device = "cpu"}, engine, 1, {"fp32", "bf16"}),
              IsEmpty());
}

}  // namespace
}  // namespace xpuruntime::toolkit
