// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

SessionValidator passing(std::string name) {
  return {std::move(name), [](const InferenceSession&) {}};
}

/// Refuses every engine and device but those of the last name.
SessionValidator wants(std::string engine, Device device = {}) {
  return {"wants " + engine, [=](const InferenceSession& session) {
            if (session.engine_name() == engine && session.device() == device) return;
            throw AgreementError("not by " + session.engine_name());
          }};
}

template <typename Error>
SessionValidator throwing() {
  return {"throws", [](const InferenceSession&) { throw Error("it is the validator's"); }};
}

TEST(ValidatorsTest, ASessionOpensWhenAllPassAndSaysWhichTheyWere) {
  float y = 0;
  const SessionValidator runs{"runs", [&](const InferenceSession& session) {
                                EXPECT_EQ(session.report().engine, "fake");
                                EXPECT_GT(session.report().load_time.count(), 0);
                                EXPECT_GT(session.report().contexts, 0U);
                                const auto x = Tensor::from<float>({1, 2}, {1, 2});
                                y = session.run({{"x", x}}).at("y").values<float>()[1];
                              }};
  const auto session = open_fake(kScale, {.validators = {runs, passing("passes")}});
  EXPECT_EQ(y, 4);
  EXPECT_THAT(session.report().validators, ElementsAre("runs", "passes"));
  EXPECT_TRUE(session.is_open());
}

TEST(ValidatorsTest, ARefusedSessionIsClosedAndNothingOfItStays) {
  std::optional<IOBinding> kept;
  const SessionValidator keeps{"keeps", [&](const InferenceSession& session) {
                                 kept.emplace(session.create_io_binding());
                                 throw AgreementError("the numbers are off");
                               }};
  EXPECT_ERROR(open_fake(kScale, {.device = "cpu", .validators = {passing("passes"), keeps}}),
               AgreementError, "the numbers are off");
  EXPECT_EQ(hooks().models, 0);
}

TEST(ValidatorsTest, ARefusedEngineIsOneThatFailedAndTheNextOfTheListIsTried) {
  script_engine({.model = one_to_one({1}, {1})});
  const auto session = open_fake(kScale, {.engine = "script@cpu",
                                          .fallback = {"fake@cpu"},
                                          .validators = {passing("passes"), wants("fake")}});
  EXPECT_EQ(session.engine_name(), "fake");
  ASSERT_THAT(session.report().failed_choices, SizeIs(1));
  EXPECT_EQ(session.report().failed_choices[0].engine, "script");
  EXPECT_EQ(session.report().failed_choices[0].error, "AgreementError");
  EXPECT_EQ(session.report().failed_choices[0].reason, "not by script");
  EXPECT_THAT(session.report().validators, ElementsAre("passes", "wants fake"));
}

TEST(ValidatorsTest, TheNextDeviceIsTriedWhereTheCallerLeftItOpen) {
  const Device npu{DeviceType::kIntelNpu, 0};
  const auto session = open_fake(kScale, {.device = "auto", .validators = {wants("fake", npu)}});
  EXPECT_EQ(session.device(), npu);
  ASSERT_THAT(session.report().failed_choices, SizeIs(1));
  EXPECT_EQ(session.report().failed_choices[0].device, "cpu");
  EXPECT_ERROR(open_fake(kScale, {.device = "cpu", .validators = {wants("fake", npu)}}),
               AgreementError, "not by fake");
}

TEST(ValidatorsTest, WhenAllAreRefusedTheErrorTellsOfEach) {
  script_engine({.model = one_to_one({1}, {1})});
  EXPECT_ERROR(open_fake(kScale, {.engine = "script@cpu",
                                  .fallback = {"fake@cpu"},
                                  .validators = {wants("another")}}),
               AgreementError, HasSubstr("not by script"), HasSubstr("not by fake"));
}

TEST(ValidatorsTest, AnErrorThatIsNoVerdictGoesThroughAndNothingElseIsTried) {
  script_engine({.model = one_to_one({1}, {1})});
  const auto open = [](const SessionValidator& validator) {
    return open_fake(kScale, {.engine = "script@cpu",
                              .fallback = {"fake@cpu"},
                              .validators = {validator, wants("fake")}});
  };
  EXPECT_ERROR(open(throwing<InvalidArgumentError>()), InvalidArgumentError,
               "it is the validator's");
  EXPECT_ERROR(open(throwing<EngineError>()), EngineError, "it is the validator's");
  EXPECT_THROW(open(throwing<std::runtime_error>()), std::runtime_error);
  EXPECT_EQ(hooks().models, 0);
}

TEST(ValidatorsTest, OneThatChecksNothingIsRefused) {
  EXPECT_ERROR(open_fake(kScale, {.validators = {{.name = "empty", .check = nullptr}}}),
               InvalidArgumentError, HasSubstr("'empty'"));
}

}  // namespace
}  // namespace xpuruntime
