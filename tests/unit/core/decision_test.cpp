// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "expect_error.h"
#include "fake_session.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// The model is named as no other engine's, so that the static order has nothing for it.
class DecisionTest : public ::testing::Test {
 protected:
  DecisionTest() : model_(folder_.write("scale.fake", kScale)) {
    asked_.cache_dir = (folder_.path() / "cache").string();
    decision_.config.engine = fake_engine();
    decision_.config.device = "cpu";
    decision_.config.engine_options = {{"report_copies", "true"}};
    decision_.engine_version = "1.0";
    decision_.evidence = R"({"p50": 1.5})";
  }
  std::filesystem::path store() { return store_decision(model_, asked_, decision_); }
  /// The rule that a session was built by.
  std::string rule(const SessionConfig& config) {
    return InferenceSession(model_, config).report().rule;
  }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void change(const std::filesystem::path& path, const std::string& from,
                     const std::string& to) {
    std::string text = text_of(path);
    ASSERT_NE(text.find(from), text.npos);
    std::ofstream(path) << text.replace(text.find(from), from.size(), to);
  }

  const TemporaryFolder folder_;
  std::filesystem::path model_;
  SessionConfig asked_;
  Decision decision_;
};

TEST_F(DecisionTest, AutoFollowsIt) {
  EXPECT_ERROR(rule(asked_), InvalidArgumentError, HasSubstr("'auto' knows no engine"));
  const auto path = store();
  const InferenceSession session(model_, asked_);
  EXPECT_EQ(session.report().rule, "auto: tuned, by " + path.string());
  EXPECT_EQ(session.report().engine, "fake");
  EXPECT_THAT(text_of(path), HasSubstr("\"p50\": 1.5"));
}

TEST_F(DecisionTest, HoldsForTheSameContentUnderAnotherName) {
  store();
  model_ = folder_.write("copy.fake", kScale);
  EXPECT_THAT(rule(asked_), StartsWith("auto: tuned"));
}

TEST_F(DecisionTest, HoldsForNothingElse) {
  store();
  const auto has_none = [&](const SessionConfig& config) {
    EXPECT_ERROR(rule(config), InvalidArgumentError, HasSubstr("'auto' knows no engine"));
  };
  SessionConfig other = asked_;
  other.shapes = {{"x", {1, 2}}};
  has_none(other);
  other = asked_;
  other.threads = 1;
  has_none(other);
  other = asked_;
  other.device = "cuda:0";
  has_none(other);
  other = asked_;
  other.precision = "fp16";
  has_none(other);
  other = asked_;
  other.engine_options = {{"report_copies", "true"}};
  has_none(other);
  other = asked_;
  other.kernel_policy = {{"MatMul", "eigen"}};
  has_none(other);
  other = asked_;
  other.cache_dir = "";
  has_none(other);
  std::string weights(kScale);
  model_ = folder_.write("scale.fake", weights.replace(weights.find("scale x 2"), 9, "scale x 3"));
  has_none(asked_);
}

TEST_F(DecisionTest, OtherWeightsBesideAnIrFileHaveNone) {
  model_ = folder_.write("M.XML", kScale);
  folder_.write("M.bin", "weights 1");
  store();
  EXPECT_THAT(rule(asked_), StartsWith("auto: tuned"));
  folder_.write("M.bin", "weights 2");
  const auto path = store();
  EXPECT_EQ(rule(asked_), "auto: tuned, by " + path.string());
  std::filesystem::remove(path);
  asked_.fallback = {"fake@cpu"};
  EXPECT_EQ(rule(asked_), "fallback 'fake@cpu'");
}

TEST_F(DecisionTest, AnotherVersionOfTheEngineDoesNotFollowIt) {
  decision_.engine_version = "0.9";
  store();
  EXPECT_ERROR(rule(asked_), InvalidArgumentError, HasSubstr("'auto' knows no engine"));
  model_ = folder_.write("m.ort", kScale);  // which has an engine by the static order
  store();
  asked_.fallback = {"fake@cpu"};
  const InferenceSession session(model_, asked_);
  ASSERT_THAT(session.report().failed_choices, SizeIs(1));
  EXPECT_EQ(session.report().failed_choices[0].engine, "onnxrt");
}

TEST_F(DecisionTest, OneThatCannotBeBuiltGivesWayToTheStaticOrder) {
  decision_.config.engine_options = {{"report_copies", "perhaps"}};
  store();
  asked_.fallback = {"fake@cpu"};
  model_ = folder_.write("m.ort", kScale);
  store();
  const InferenceSession session(model_, asked_);
  ASSERT_THAT(session.report().failed_choices, SizeIs(2));
  EXPECT_EQ(session.report().failed_choices[0].engine, "fake");
  EXPECT_THAT(session.report().failed_choices[0].reason, HasSubstr("perhaps"));
  EXPECT_EQ(session.report().rule, "fallback 'fake@cpu'");
}

TEST_F(DecisionTest, ADamagedOneIsPassedOver) {
  const auto path = store();
  change(path, "\"schema_version\": 1", "\"schema_version\": 2");
  EXPECT_ERROR(rule(asked_), InvalidArgumentError, HasSubstr("'auto' knows no engine"));
  std::ofstream(path) << "{";
  EXPECT_ERROR(rule(asked_), InvalidArgumentError, HasSubstr("'auto' knows no engine"));
  store();
  EXPECT_THAT(rule(asked_), StartsWith("auto: tuned"));
}

TEST_F(DecisionTest, IsReplaced) {
  const auto path = store();
  decision_.config.threads = 3;
  EXPECT_EQ(store(), path);
  EXPECT_THAT(text_of(path), HasSubstr("\"threads\": 3"));
}

TEST_F(DecisionTest, RefusesWhatNoSessionAsks) {
  asked_.engine = "fake";
  EXPECT_ERROR(store(), InvalidArgumentError, HasSubstr("engine 'auto'"));
  asked_.engine = "auto";
  asked_.cache_dir = "";
  EXPECT_ERROR(store(), InvalidArgumentError, HasSubstr("cache is off"));
  asked_.cache_dir = model_.string();
  EXPECT_ERROR(store(), UnavailableError, HasSubstr("cannot be"));
  model_ = "nowhere.fake";
  EXPECT_ERROR(store(), ModelNotFoundError, HasSubstr("nowhere.fake"));
}

TEST(SessionConfigTest, IsReadAsItWasWritten) {
  SessionConfig config;
  config.engine = "onnxrt";
  config.device = "cpu";
  config.fallback = {"reference@cpu"};
  config.precision = "fp32";
  config.kernel_policy = {{"MatMul", "eigen"}};
  config.cache_dir = "";
  config.shapes = {{"x", {1, 3}}};
  config.threads = 2;
  config.contexts = 3;
  config.queue_size = 4;
  config.when_full = WhenFull::kReject;
  config.max_batch_size = 5;
  config.engine_options = {{"a", "b"}};
  config.base_folder = "folder";
  config.extra_outputs = {"h"};
  const std::string text = to_json(config);
  EXPECT_EQ(to_json(session_config_from_json(text)), text);
  for (const char* name : {"engine", "device", "fallback", "precision", "kernel_policy",
                           "cache_dir", "shapes", "threads", "contexts", "queue_size", "when_full",
                           "max_batch_size", "engine_options", "base_folder", "extra_outputs"}) {
    EXPECT_THAT(text, HasSubstr("\"" + std::string(name) + "\"")) << name;
  }
}

TEST(SessionConfigTest, LeavesOutWhatIsAsByDefault) { EXPECT_EQ(to_json(SessionConfig()), "{}"); }

TEST(SessionConfigTest, RefusesWhatItDoesNotKnow) {
  const auto read = [](const char* text) { (void)session_config_from_json(text); };
  EXPECT_ERROR(read("[]"), InvalidArgumentError, HasSubstr("one JSON object"));
  EXPECT_ERROR(read("{"), InvalidArgumentError, HasSubstr("one JSON object"));
  EXPECT_ERROR(read(R"({"thread": 1})"), InvalidArgumentError, HasSubstr("did you mean 'threads'"));
  EXPECT_ERROR(read(R"({"threads": "two"})"), InvalidArgumentError, HasSubstr("'threads'"));
  EXPECT_ERROR(read(R"({"when_full": "wait"})"), InvalidArgumentError, HasSubstr("\"reject\""));
  EXPECT_ERROR(read(R"({"kernel_policy": [1]})"), InvalidArgumentError,
               HasSubstr("'kernel_policy'"));
  EXPECT_ERROR(read(R"({"shapes": [1]})"), InvalidArgumentError, HasSubstr("'shapes'"));
}

}  // namespace
}  // namespace xpuruntime
