// SPDX-License-Identifier: Apache-2.0
/// What the conformance suite does not look at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine_tests.h"

namespace xpuruntime::executorch_engine {
namespace {

namespace fs = std::filesystem;
using conformance::LoadOptions;
using conformance::ones;
using conformance::Outcome;
using conformance::RunCall;
using conformance::Sink;
using conformance::Source;
using conformance::Tensor;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const conformance::Plugin& plugin() {
  static const auto* const opened =
      new conformance::Plugin(conformance::Plugin::open(XPURT_EXECUTORCH_PLUGIN));
  return *opened;
}

Source made(const std::string& name) {
  return Source::path(XPURT_EXECUTORCH_MODELS "/" + name + ".pte");
}

Outcome refusal(const Source& source, const LoadOptions& options = {}) {
  return conformance::refusal(plugin(), source, options);
}

std::vector<int64_t> shape_of(const xpurt_tensor_info& info) {
  return {info.shape, info.shape + info.rank};
}

std::string run_refusal(const std::string& model, const Tensor& input) {
  const auto loaded = plugin().load(made(model));
  Sink sink(1);
  const Outcome outcome = loaded.context().run({input}, sink, 1);
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  return outcome.text;
}

TEST(ExecuTorchTest, TakesNamesAndDynamicDimensionsFromTheNotes) {
  const auto model = plugin().load(made("multi_io"));
  const xpurt_model_info& info = model.info();
  EXPECT_STREQ(info.inputs[0]->name, "values");
  EXPECT_THAT(shape_of(*info.inputs[0]), ElementsAre(-1, 4));
  EXPECT_EQ(info.inputs[0]->max_shape[0], 64);
  EXPECT_STREQ(info.outputs[1]->name, "best");
}

TEST(ExecuTorchTest, NamesByOrderAndTakesBoundsFromTheProgramWhereNothingIsNoted) {
  const auto model = plugin().load(made("bare"));
  const xpurt_tensor_info& input = *model.info().inputs[0];
  EXPECT_STREQ(input.name, "input");
  EXPECT_STREQ(model.info().outputs[0]->name, "output");
  EXPECT_EQ(input.dtype, XPURT_FLOAT);
  EXPECT_THAT(shape_of(input), ElementsAre(-1, -1));
  EXPECT_EQ(input.max_shape[0], 64);
  EXPECT_EQ(input.max_shape[1], 16);
}

TEST(ExecuTorchTest, KnowsAStaticShapeWithoutNotes) {
  const fs::path folder = fs::path(testing::TempDir()) / ("xpurt_pte_" + std::to_string(getpid()));
  fs::create_directories(folder);
  fs::copy_file(made("add").content, folder / "add.pte");
  const auto model = plugin().load(Source::path(folder / "add.pte"));
  EXPECT_STREQ(model.info().inputs[1]->name, "input_1");
  EXPECT_THAT(shape_of(*model.info().inputs[1]), ElementsAre(2, 3));
  fs::remove_all(folder);
}

TEST(ExecuTorchTest, NamesInputDimensionAndBound) {
  EXPECT_THAT(run_refusal("mlp", ones({65, 16})),
              HasSubstr("input 'x', dimension 0: expected at most 64, got 65"));
  EXPECT_THAT(run_refusal("mlp", ones({0, 16})),
              HasSubstr("input 'x', dimension 0: expected at least 1, got 0"));
  EXPECT_THAT(run_refusal("mlp", ones({2, 8})),
              HasSubstr("input 'x', dimension 1: expected 16, got 8"));
  EXPECT_THAT(run_refusal("bare", ones({65, 16})),
              HasSubstr("input 'input', dimension 0: expected at most 64, got 65"));
  EXPECT_THAT(run_refusal("add", ones({2, 3})), HasSubstr("expected 2 inputs"));
}

TEST(ExecuTorchTest, CopiesInAndOutOfPlannedMemoryAndSaysSo) {
  const auto model = plugin().load(made("mlp"));
  const auto context = model.context();
  Sink sink(1);
  RunCall call({ones({2, 16})}, sink, 1);
  ASSERT_TRUE(context.run(call).ok());
  EXPECT_EQ(call.copied(), (2 * 16 + 2 * 4) * sizeof(float));
}

TEST(ExecuTorchTest, CopiesNothingWhereTheProgramPlannedNoMemory) {
  const auto planned = plugin().load(made("mlp"));
  const auto model = plugin().load(made("unplanned"));
  const auto context = model.context();
  for (const int64_t rows : {1, 64}) {
    Sink sink(1);
    RunCall call({ones({rows, 16})}, sink, 1);
    const Outcome outcome = context.run(call);
    ASSERT_TRUE(outcome.ok()) << outcome.text;
    EXPECT_EQ(call.copied(), 0U);
    Sink expected(1);
    ASSERT_TRUE(planned.context().run({ones({rows, 16})}, expected, 1).ok());
    EXPECT_EQ(conformance::difference(sink.copy(0), expected.copy(0), 1e-5), "");
  }
}

TEST(ExecuTorchTest, WritesWhereOutputsAreBoundAndCopiesWhereThatIsLessThanTheBound) {
  const auto model = plugin().load(made("unplanned"));
  const auto context = model.context();
  for (const size_t floats : {size_t{8}, size_t{64} * 4}) {
    std::vector<float> memory(floats);
    Sink sink(1);
    sink.bind(0, XPURT_FLOAT, {2, 4}, memory.data(), memory.size() * sizeof(float));
    RunCall call({ones({2, 16})}, sink, 1);
    const Outcome outcome = context.run(call);
    ASSERT_TRUE(outcome.ok()) << outcome.text;
    EXPECT_EQ(reinterpret_cast<float*>(sink.output(0)->data), memory.data());
    EXPECT_EQ(call.copied(), floats == 8 ? 8 * sizeof(float) : 0U);
  }
}

TEST(ExecuTorchTest, SaysWhatTheProgramWasMadeFor) {
  const auto model = plugin().load(made("mlp"));
  ASSERT_EQ(model.info().metadata_count, 1U);
  EXPECT_STREQ(model.info().metadata[0]->key, "backends");
  EXPECT_STREQ(model.info().metadata[0]->value, "XnnpackBackend");
}

TEST(ExecuTorchTest, NamesABackendThatItDoesNotHave) {
  std::string program = made("mlp").as_bytes().content;
  size_t changed = 0;
  for (size_t at = 0; (at = program.find("XnnpackBackend", at)) != program.npos; ++changed) {
    program.replace(at, 14, "XnnpackElsewhe");
  }
  ASSERT_GE(changed, 1U);
  const Outcome outcome = refusal(Source::bytes(program));
  EXPECT_EQ(outcome.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("XnnpackElsewhe"), HasSubstr("OpenvinoBackend")));
}

TEST(ExecuTorchTest, KeepsOneNumberOfThreadsAProcess) {
  LoadOptions two;
  two.threads = 2;
  EXPECT_EQ(plugin().load(made("mlp"), two).info().threads, 2);
  const Outcome outcome = refusal(made("mlp"));
  EXPECT_EQ(outcome.code, XPURT_INVALID_STATE);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("fixed it at 2"), HasSubstr("asks for 1")));
}

TEST(ExecuTorchTest, SaysHowToInstallWhatIsMissing) {
  setenv("XPURT_EXECUTORCH_PACKAGE", "/no/such/executorch", 1);
  const xpurt_engine_info* info = nullptr;
  conformance::Error error;
  const xpurt_engine* const engine = plugin().engine();
  const auto outcome = error.outcome(engine->describe(engine->self, &info, error.get()));
  EXPECT_EQ(outcome.code, XPURT_ENGINE_NOT_INSTALLED);
  EXPECT_THAT(outcome.text,
              AllOf(HasSubstr("/no/such/executorch"), HasSubstr("pip install executorch==")));
}

}  // namespace
}  // namespace xpuruntime::executorch_engine
