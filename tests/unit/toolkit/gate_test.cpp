// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare_models.h"
#include "expect_error.h"
#include "toolkit/tensor_files.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::fake_model;
using ::testing::HasSubstr;
using testing::kDigits;
using testing::kFake;
using testing::kWrong;
using ::testing::SizeIs;

constexpr const char* kTwo =
    "input x float32 N 2\noutput y float32 N 2\noutput z float32 N 2\n"
    "y = scale x 2\nz = scale x 3";

Tensor row(float a, float b) { return Tensor::from<float>({a, b}, {1, 2}); }

InferenceSession open(const fs::path& model, const SessionValidator& validator,
                      const std::string& engine = kFake) {
  return InferenceSession(model, {.engine = engine, .device = "cpu", .validators = {validator}});
}

/// The words that a gate refuses with.
std::string refusal(const fs::path& model, const SessionValidator& validator,
                    const std::string& engine = kFake) {
  try {
    open(model, validator, engine);
  } catch (const AgreementError& error) {
    return error.what();
  }
  return "(the session opened)";
}

class GateTest : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const fs::path model_ = fake_model(folder_, "m", kTwo);
  const NamedTensors x_{{"x", row(1, 2)}};
};

TEST_F(GateTest, LetsPassWhatGivesTheGoldenOutputs) {
  const auto session = open(model_, gate(x_, {{"y", row(2, 4)}, {"z", row(3, 6)}}));
  EXPECT_THAT(session.report().validators,
              ElementsAre("gate given, strict (rtol 0.001, atol 1e-05)"));
}

TEST_F(GateTest, SaysWhichOutputIndexExpectedAndGot) {
  EXPECT_EQ(refusal(model_, gate(x_, {{"y", row(2, 4)}, {"z", row(3, 6.5)}})),
            "gate given: output 'z' at [0,1]: expected 6.5, got 6; 1 of 2 elements do not agree, "
            "strict (rtol 0.001, atol 1e-05) (engine fake@cpu, model " +
                model_.string() + ")");
}

TEST_F(GateTest, JudgesWithinTheToleranceAskedFor) {
  const NamedTensors near{{"y", row(2, 4.01F)}};
  EXPECT_THAT(refusal(model_, gate(x_, near)), HasSubstr("'y' at [0,1]"));
  EXPECT_NO_THROW(open(model_, gate(x_, near, kRelaxed)));
  EXPECT_THAT(refusal(model_, gate(x_, near, kExact)), HasSubstr("exact (bitwise)"));
}

TEST_F(GateTest, RefusesAnotherShapeTypeOrNoSuchOutput) {
  EXPECT_THAT(refusal(model_, gate(x_, {{"y", Tensor::from<float>({2, 4}, {2})}})),
              HasSubstr("output 'y': expected float32[2], got float32[1,2]"));
  EXPECT_THAT(refusal(model_, gate(x_, {{"y", Tensor::from<double>({2, 4}, {1, 2})}})),
              HasSubstr("output 'y': expected float64[1,2], got float32[1,2]"));
  EXPECT_THAT(refusal(model_, gate(x_, {{"y", row(2, 4)}, {"w", row(2, 4)}})),
              HasSubstr("output 'w': expected float32[1,2], and the model has no such output"));
}

TEST_F(GateTest, RefusesAnEngineThatCannotRunTheInputs) {
  const auto model = fake_model(folder_, "failing",
                                "input x float32 N 2\noutput y float32 N 2\n"
                                "fail engine \"it broke\"\ny = scale x 2");
  EXPECT_THAT(refusal(model, gate(x_, {{"y", row(2, 4)}})),
              AllOf(HasSubstr("cannot be run: EngineError"), HasSubstr("it broke")));
}

TEST_F(GateTest, InputsThatDoNotFitAreNoVerdict) {
  const auto three = gate({{"x", Tensor::from<float>({1, 2, 3}, {1, 3})}}, {{"y", row(2, 4)}});
  EXPECT_ERROR(open(model_, three), InvalidArgumentError, "'x'");
}

TEST_F(GateTest, TakesAFolderOfArraysAndOfOnnxTestData) {
  fs::create_directory(folder_ / "arrays");
  write_npy(folder_ / "arrays/x.npy", row(1, 2));
  write_npy(folder_ / "arrays/z.npy", row(3, 6));
  EXPECT_NO_THROW(open(model_, gate(folder_ / "arrays")));
  fs::create_directories(folder_ / "onnx/test_data_set_0");
  write_pb(folder_ / "onnx/test_data_set_0/input_0.pb", row(1, 2));
  write_pb(folder_ / "onnx/test_data_set_0/output_0.pb", row(2, 4));
  write_pb(folder_ / "onnx/test_data_set_0/output_1.pb", row(3, 7));
  const auto words = refusal(model_, gate(folder_ / "onnx"));
  EXPECT_THAT(words, AllOf(HasSubstr("test_data_set_0: output 'output_1' at [0,1]: expected 7"),
                           HasSubstr("got 6")));
}

TEST_F(GateTest, HoldsASessionAgainstAReferenceEngine) {
  EXPECT_NO_THROW(open(kDigits, gate("reference"), "reference"));
  const auto words = refusal(kDigits, gate("reference@cpu", {.batch = 3}), kWrong);
  EXPECT_THAT(words, AllOf(HasSubstr("gate reference@cpu: output 'logits' at [0,"),
                           HasSubstr("of 30 elements"), HasSubstr("(engine wrong@cpu")));
}

TEST_F(GateTest, EnginesPassStrictOnTheDigits) {
  size_t opened = 0;
  const auto validator = gate("reference", {.batch = 8});
  const auto available = EngineRegistry::instance().available_engines();
  for (const std::string name : {"onnxrt", "openvino"}) {
    if (std::ranges::find(available, name) == available.end()) continue;
    EXPECT_NO_THROW(open(kDigits, validator, name));
    ++opened;
  }
  if (opened == 0) GTEST_SKIP() << "no other engine that loads ONNX models is built";
}

TEST_F(GateTest, FindsAWrongWeight) {
  const auto wrong = testing::digits_with_wrong_weight(folder_, "gemm10.bias", 3, 10);
  const auto words = refusal(wrong, gate("reference", {.model = kDigits}), "reference");
  EXPECT_THAT(words, AllOf(HasSubstr("output 'logits' at [0,3]: expected "), HasSubstr(", got "),
                           HasSubstr("1 of 10 elements")));
}

TEST_F(GateTest, ARefusedEngineGivesWayToTheNextOfTheList) {
  const InferenceSession session(
      kDigits,
      {.engine = kWrong, .fallback = {"reference@cpu"}, .validators = {gate("reference")}});
  EXPECT_EQ(session.engine_name(), "reference");
  ASSERT_THAT(session.report().failed_choices, SizeIs(1));
  EXPECT_EQ(session.report().failed_choices[0].error, "AgreementError");
  EXPECT_THAT(session.report().failed_choices[0].reason, HasSubstr("output 'logits'"));
}

TEST_F(GateTest, TheReferenceRunsOnceForAsLongAsTheModelStays) {
  // The reference is the same engine, which waits at no gate: were it asked again, it would see the
  // other model, and agree with it.
  const auto reference = fake_model(folder_, "r", kTwo);
  const auto validator = gate(kFake, {.model = reference, .inputs = x_});
  EXPECT_NO_THROW(open(model_, validator));
  const auto changed = fs::last_write_time(reference);
  const std::string other =
      "fake\n" + std::string(kTwo).replace(std::string(kTwo).find("x 2"), 3, "x 5") + "\nend\n";
  folder_.write("r.fake", other);
  fs::last_write_time(reference, changed);
  EXPECT_NO_THROW(open(model_, validator)) << "what it gave first is kept";
  fs::last_write_time(reference, changed + std::chrono::seconds(2));
  EXPECT_THAT(refusal(model_, validator), HasSubstr("expected 5, got 2"));
}

TEST_F(GateTest, AModelOfBytesNeedsAFileForItsReference) {
  const std::string bytes = std::string("fake\n") + kTwo + "\nend\n";
  const auto open_bytes = [&](const GateOptions& options) {
    return InferenceSession(std::as_bytes(std::span(bytes)),
                            {.engine = kFake, .validators = {gate(kFake, options)}});
  };
  EXPECT_ERROR(open_bytes({}), InvalidArgumentError, "GateOptions::model");
  EXPECT_NO_THROW(open_bytes({.model = model_}));
}

TEST_F(GateTest, WhatTheReferenceFailsWithIsNoVerdict) {
  const auto broken = fake_model(folder_, "broken",
                                 "input x float32 N 2\noutput y float32 N 2\n"
                                 "fail engine \"it broke\"\ny = scale x 2");
  EXPECT_ERROR(open(model_, gate(kFake, {.model = broken})), EngineError, "it broke");
  EXPECT_ERROR(open(model_, gate(kFake, {.model = folder_ / "none.fake"})), ModelNotFoundError,
               "none.fake");
}

TEST_F(GateTest, RefusesASourceThatIsNothing) {
  EXPECT_ERROR(gate("referense"), UnsupportedOperationError, "did you mean 'reference'");
  EXPECT_ERROR(gate("golden/none"), InvalidArgumentError, "there are no golden data golden/none");
  EXPECT_ERROR(gate("none.npz"), InvalidArgumentError, "none.npz");
  EXPECT_ERROR(gate(""), InvalidArgumentError, "ENGINE");
  EXPECT_THROW(gate("/none/libxpuruntime_engine_x.so"), UnavailableError);
}

TEST_F(GateTest, RefusesOptionsThatSayNothing) {
  EXPECT_ERROR(gate("reference", {.tolerance = {.relative = -1}}), InvalidArgumentError, "-1");
  EXPECT_ERROR(gate(folder_.path(), {.batch = 2}), InvalidArgumentError, "reference engine");
  EXPECT_ERROR(gate(x_, {}), InvalidArgumentError, "at least one output");
}

}  // namespace
}  // namespace xpuruntime::toolkit
