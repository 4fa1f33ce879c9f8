// SPDX-License-Identifier: Apache-2.0
#include "core/session_builder.h"

#include <gtest/gtest.h>

#include <string>

#include "core/thread_budget.h"
#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "unit/temporary_folder.h"

namespace xpuruntime {
namespace {

using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Script constant() {
  return {.model = one_to_one({1}, {1}),
          .run = [](const engine::RunArgs& args) { fill_output(args, 0, {1}, 1); }};
}

TEST(SessionBuilderTest, ReportsWhatWasAskedForAndBuilt) {
  const TemporaryFolder folder;
  const auto path = folder.write("scale.fake", kScale);
  fake_engine();
  const InferenceSession session(path,
                                 {.engine = "fake", .device = "cpu", .threads = 3, .contexts = 5});
  const SessionReport& report = session.report();
  EXPECT_EQ(report.model, path.string());
  EXPECT_EQ(report.requested_engine, "fake");
  EXPECT_EQ(report.requested_device, "cpu");
  EXPECT_THAT(report.fallback, IsEmpty());
  EXPECT_EQ(report.engine, "fake");
  EXPECT_EQ(report.engine_version, "1.0");
  EXPECT_EQ(report.engine_path, "");
  EXPECT_EQ(report.device, Device{});
  EXPECT_EQ(report.rule, "the engine asked for");
  EXPECT_THAT(report.failed_choices, IsEmpty());
  EXPECT_EQ(report.threads, 1);  // the fake engine runs on one, whatever it may use
  EXPECT_EQ(report.contexts, 5U);
  EXPECT_GT(report.load_time.count(), 0);
  EXPECT_EQ(report.placement.at("fake"), 1);
  EXPECT_EQ(session.engine_name(), "fake");
  EXPECT_EQ(session.device(), Device{});
}

TEST(SessionBuilderTest, RefusesInputsOfOtherShapesThanWerePromised) {
  const InferenceSession session = open_fake(kScale, {.shapes = {{"x", {3, 2}}}});
  EXPECT_EQ(session.input_info()[0].shape, Shape({3, 2}));
  EXPECT_EQ(session.run(std::vector{Tensor(DType::kFloat32, {3, 2})})[0].shape(), Shape({3, 2}));
  EXPECT_ERROR(session.run(std::vector{Tensor(DType::kFloat32, {4, 2})}), InvalidArgumentError,
               HasSubstr("expected float32[3,2], got float32[4,2]"));
}

TEST(SessionBuilderTest, RefusesShapesThatDoNotFitTheModel) {
  const auto open = [](const char* input, Shape shape) {
    open_fake(kScale, {.shapes = {{input, std::move(shape)}}});
  };
  EXPECT_ERROR(open("y", {3, 2}), InvalidArgumentError, HasSubstr("no input 'y'"));
  EXPECT_ERROR(open("x", {3, 3}), InvalidArgumentError, HasSubstr("[3,3] does not fit"));
  EXPECT_ERROR(open("x", {3}), InvalidArgumentError, HasSubstr("[3] does not fit"));
  EXPECT_ERROR(open("x", {-1, 2}), InvalidArgumentError, HasSubstr("every dimension"));
}

TEST(SessionBuilderTest, BytesAreNotNeededAfterTheCall) {
  std::string bytes(kScale);
  const InferenceSession session = open_fake(bytes);
  bytes.assign(bytes.size(), 'x');
  EXPECT_EQ(session.report().model, "<bytes>");
  session.warm_up();
}

TEST(SessionBuilderTest, ThreadsAndContextsFollowTheBudgetWhereNotSaid) {
  const InferenceSession session = open_script({.model = one_to_one({1}, {1})});
  EXPECT_EQ(session.report().threads, thread_budget());
  EXPECT_EQ(session.report().contexts, static_cast<uint32_t>(std::max(thread_budget(), 2)));
  EXPECT_ERROR(open_fake(kScale, {.threads = -1}), InvalidArgumentError,
               HasSubstr("threads: expected 0 (by the budget) or more, got -1"));
}

TEST(SessionBuilderTest, TheDeviceAskedForIsBuiltOrNothingIs) {
  EXPECT_ERROR(open_fake(kScale, {.device = "cuda:0"}), UnavailableError,
               "the fake engine has the devices cpu:0, intel_npu:0 and intel_npu:1 (engine fake, "
               "model <bytes>)");
  EXPECT_ERROR(open_fake(kScale, {.device = "intel_npu:2"}), UnavailableError, HasSubstr("npu:1"));
  EXPECT_ERROR(open_fake(kScale, {.device = "cudda"}), InvalidArgumentError,
               HasSubstr("did you mean 'cuda'?"));
  EXPECT_EQ(hooks().models, 0);
}

TEST(SessionBuilderTest, AnEngineThatBuildsAnotherDeviceIsRefused) {
  // The engine gives the CPU whatever it was asked for.
  static const xpurt_engine_info info = [] {
    xpurt_engine_info made{};
    made.struct_size = sizeof(made);
    made.name = "swapping";
    made.version = "1";
    return made;
  }();
  static const xpurt_model_info model_info = [] {
    xpurt_model_info made{};
    made.struct_size = sizeof(made);
    return made;
  }();
  static int released = 0;
  static const xpurt_engine table = [] {
    xpurt_engine made{};
    made.struct_size = sizeof(made);
    made.describe = [](void*, const xpurt_engine_info** out, xpurt_error*) {
      *out = &info;
      return xpurt_status{XPURT_OK};
    };
    made.model_load = [](void*, const xpurt_load_args*, xpurt_model**, xpurt_error*) {
      return xpurt_status{XPURT_OK};
    };
    made.model_release = [](xpurt_model*) { ++released; };
    made.model_info = [](xpurt_model*, const xpurt_model_info** out, xpurt_error*) {
      *out = &model_info;
      return xpurt_status{XPURT_OK};
    };
    made.context_create = [](xpurt_model*, xpurt_context**, xpurt_error*) {
      return xpurt_status{XPURT_OK};
    };
    made.context_release = [](xpurt_context*) {};
    made.context_run = [](xpurt_context*, const xpurt_run_args*, xpurt_error*) {
      return xpurt_status{XPURT_OK};
    };
    return made;
  }();
  EngineRegistry::instance().register_engine(
      "swapping", [](const char* name, uint32_t, const xpurt_host*) -> const void* {
        return std::string_view(name) == "engine" ? &table : nullptr;
      });
  EXPECT_ERROR(InferenceSession(bytes_of("x"), {.engine = "swapping", .device = "cuda:1"}),
               UnavailableError,
               "asked for cuda:1, but the engine built the model on cpu (engine swapping, model "
               "<bytes>)");
  EXPECT_EQ(released, 1);
}

TEST(SessionBuilderTest, AliasesAreTheFirstSuchDeviceOfTheEngine) {
  EXPECT_EQ(open_fake(kScale, {.device = "npu"}).device(), (Device{DeviceType::kIntelNpu, 0}));
  EXPECT_EQ(open_fake(kScale, {.device = "auto"}).device(), Device{});
  const InferenceSession gpu = open_script(constant(), {.device = "gpu"});
  EXPECT_EQ(gpu.device(), (Device{DeviceType::kIntelGpu, 0}));
  EXPECT_EQ(gpu.report().requested_device, "gpu");
  EXPECT_ERROR(open_fake(kScale, {.device = "gpu"}), UnavailableError,
               "engine fake has no device 'gpu' on this machine; it has: cpu, intel_npu:0, "
               "intel_npu:1");
}

TEST(SessionBuilderTest, AnEngineMayBeWrittenWithItsDevice) {
  const InferenceSession session = open_fake(kScale, {.engine = "fake@intel_npu:1"});
  EXPECT_EQ(session.device(), (Device{DeviceType::kIntelNpu, 1}));
  EXPECT_EQ(session.report().requested_engine, "fake@intel_npu:1");
  EXPECT_EQ(open_fake(kScale, {.engine = "fake@cpu", .device = "cpu"}).device(), Device{});
  EXPECT_ERROR(open_fake(kScale, {.engine = "fake@cpu", .device = "npu"}), InvalidArgumentError,
               "engine 'fake@cpu' and device 'npu' contradict one another");
}

TEST(SessionBuilderTest, RunsOnADeviceThatTheEnginesStreamsAreNotOf) {
  const InferenceSession session = open_fake(kScale, {.device = "intel_npu:1"});
  EXPECT_EQ(hooks().streams, 0);
  const NamedTensors outputs = session.run({{"x", Tensor::from({1.0F, 2.0F}, {1, 2})}});
  EXPECT_EQ(outputs[0].values<float>()[1], 4);
}

TEST(SessionBuilderTest, GoesAlongTheCallersFallbackListAndSaysWhy) {
  const InferenceSession session = open_fake(
      kScale, {.device = "cuda:0", .fallback = {"nonesuch", "fake@intel_npu:1", "fake@cpu"}});
  const SessionReport& report = session.report();
  EXPECT_EQ(report.device, (Device{DeviceType::kIntelNpu, 1}));
  EXPECT_EQ(report.rule, "fallback 'fake@intel_npu:1'");
  EXPECT_THAT(report.fallback, ElementsAre("nonesuch", "fake@intel_npu:1", "fake@cpu"));
  ASSERT_EQ(report.failed_choices.size(), 2U);
  EXPECT_EQ(report.failed_choices[0].engine, "fake");
  EXPECT_EQ(report.failed_choices[0].device, "cuda:0");
  EXPECT_EQ(report.failed_choices[0].error, "UnavailableError");
  EXPECT_THAT(report.failed_choices[0].reason, HasSubstr("has the devices cpu:0"));
  EXPECT_EQ(report.failed_choices[1].engine, "nonesuch");
  EXPECT_EQ(report.failed_choices[1].device, "auto");
  EXPECT_EQ(report.failed_choices[1].error, "UnsupportedOperationError");
  EXPECT_EQ(hooks().models, 1);
}

TEST(SessionBuilderTest, AWholeListThatFailsGivesEachReason) {
  EXPECT_ERROR(
      open_fake(kScale, {.device = "cuda:0", .fallback = {"fake@intel_npu:7", "nonesuch@cpu"}}),
      UnavailableError, HasSubstr("none of the choices can be used:"),
      HasSubstr("\n  fake@cuda:0: UnavailableError: "),
      HasSubstr("\n  fake@intel_npu:7: UnavailableError: "),
      HasSubstr("\n  nonesuch@cpu: UnsupportedOperationError: unknown engine 'nonesuch'"));
  const std::string wrong = "fake\nnonsense\n";
  EXPECT_ERROR(open_fake(wrong, {.device = "cpu", .fallback = {"fake@npu"}}), InvalidArgumentError,
               HasSubstr("none of the choices can be used:"));
}

TEST(SessionBuilderTest, AChoiceWhoseContextCannotBeMadeHasFailed) {
  bool on_gpu = false;
  Script script = constant();
  script.load = [&](const engine::LoadArgs& args) {
    on_gpu = args.device().type == XPURT_DEVICE_INTEL_GPU;
  };
  script.create_context = [&] {
    if (on_gpu) throw engine::Failure(XPURT_OUT_OF_MEMORY, "no room on the device");
  };
  const InferenceSession session =
      open_script(script, {.device = "gpu", .fallback = {"script@cpu"}});
  EXPECT_EQ(session.device(), Device{});
  ASSERT_EQ(session.report().failed_choices.size(), 1U);
  EXPECT_EQ(session.report().failed_choices[0].error, "OutOfMemoryError");
  session.warm_up();
}

TEST(SessionBuilderTest, APlugInOfTheFallbackListMayLieInAFolderWithAnAt) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a@b");
  const auto file = folder / "a@b/libxpuruntime_engine_fake.so";
  std::filesystem::copy_file(
      std::filesystem::path(XPURT_TEST_ENGINE_DIR) / "libxpuruntime_engine_fake.so", file);
  for (const char* device : {"", "@cpu"}) {
    const InferenceSession session =
        open_fake(kScale, {.device = "cuda", .fallback = {file.string() + device}});
    EXPECT_EQ(session.report().engine_path, file.string());
  }
}

TEST(SessionBuilderTest, AModelThatIsNotThereIsNotLookedForTwice) {
  const int loads = hooks().loads;
  EXPECT_ERROR(open_fake("fake\nfail_load model_not_found \"gone\"\nend\n",
                         {.device = "cpu", .fallback = {"fake@npu"}}),
               ModelNotFoundError, HasSubstr("gone"));
  EXPECT_EQ(hooks().loads, loads + 1);
}

TEST(SessionBuilderTest, RefusesFilesThatAreNoModel) {
  const TemporaryFolder folder;
  fake_engine();
  const auto open = [](const std::filesystem::path& path) {
    InferenceSession(path, {.engine = "fake", .device = "cpu"});
  };
  const auto missing = folder / "missing.fake";
  EXPECT_ERROR(open(missing), ModelNotFoundError, "there is no model file " + missing.string());
  EXPECT_ERROR(open(folder / ""), InvalidArgumentError, HasSubstr("is a folder, not a file"));
  const auto empty = folder.write("empty.fake", "");
  EXPECT_ERROR(open(empty), InvalidArgumentError,
               "model " + empty.string() + " is empty: the file has 0 bytes");
  EXPECT_ERROR(open(folder.write("cut.fake", kScale.substr(0, kScale.size() - 4))),
               InvalidArgumentError, HasSubstr("truncated"));
  EXPECT_ERROR(InferenceSession(std::span<const std::byte>(), {.engine = "fake"}),
               InvalidArgumentError, "the model is empty: 0 bytes were given");
  EXPECT_EQ(hooks().models, 0);
}

TEST(SessionBuilderTest, AutoGoesByTheKindOfFile) {
  const TemporaryFolder folder;
  EXPECT_ERROR(InferenceSession(folder.write("model.h5", "x")), InvalidArgumentError,
               HasSubstr("'auto' knows no engine for '.h5' files; name the engine"));
  // No engine of this program takes ONNX files: the message shows which one they go to.
  EXPECT_ERROR(InferenceSession(folder.write("model.ONNX", "x"), {.engine = "auto@cpu"}),
               EngineNotInstalledError, HasSubstr("engine onnxrt was not built"));
  EXPECT_ERROR(InferenceSession(bytes_of("x")), EngineNotInstalledError, HasSubstr("onnxrt"));
  for (const char* file : {"model.pt", "model.ts", "model.pt2"}) {
    EXPECT_ERROR(InferenceSession(folder.write(file, "x")), EngineNotInstalledError,
                 HasSubstr("engine torch was not built"));
  }
  EXPECT_ERROR(InferenceSession(folder.write("model.pte", "x")), EngineNotInstalledError,
               HasSubstr("engine executorch was not built"));
  fake_engine();
  const InferenceSession session(folder.write("scale.onnx", kScale), {.fallback = {"fake@cpu"}});
  EXPECT_EQ(session.report().requested_engine, "auto");
  EXPECT_EQ(session.report().failed_choices[0].engine, "onnxrt");
}

TEST(SessionBuilderTest, AnUnknownEngineNamesTheKnownOnes) {
  fake_engine();
  EXPECT_ERROR(InferenceSession(bytes_of("x"), {.engine = "fkae"}), UnsupportedOperationError,
               HasSubstr("unknown engine 'fkae'; known engines: "), HasSubstr("reference"),
               HasSubstr("did you mean 'fake'?"));
}

TEST(SessionBuilderTest, OptionsOfAListGoToTheEnginesThatKnowThem) {
  std::string level;
  Script script = constant();
  script.load = [&](const engine::LoadArgs& args) {
    EXPECT_EQ(args.options().size(), 1U);
    level = args.option("level").value_or("none");
    throw engine::Failure(XPURT_UNAVAILABLE, "not now");
  };
  script_engine(script);
  const InferenceSession session =
      open_fake(kScale, {.engine = "script@cpu",
                         .fallback = {"fake@cpu"},
                         .engine_options = {{"level", "3"}, {"pass.word", "secret"}}});
  EXPECT_EQ(level, "3");
  EXPECT_EQ(session.model_info().metadata.at("pass.word"), "secret");
  EXPECT_EQ(session.model_info().metadata.count("level"), 0U);
}

TEST(SessionBuilderTest, AnOptionThatNoEngineOfAListKnowsIsAnError) {
  script_engine(constant());
  EXPECT_ERROR(open_fake(kScale, {.engine = "script@cpu",
                                  .fallback = {"fake@cpu"},
                                  .engine_options = {{"headrom", "2"}}}),
               UnsupportedOperationError, HasSubstr("engine fake has no option 'headrom'"),
               HasSubstr("did you mean 'headroom'?"));
}

TEST(SessionBuilderTest, AKernelPolicyGoesToTheEngineAsAnOption) {
  std::string policy;
  Script script = constant();
  script.load = [&](const engine::LoadArgs& args) {
    policy = args.option("kernel_policy").value_or("none");
  };
  open_script(script);
  EXPECT_EQ(policy, "none");
  const KernelPolicy eigen{{"MatMul", "eigen"}};
  open_script(script, {.kernel_policy = eigen});
  EXPECT_EQ(policy, R"({"MatMul":"eigen"})");
  open_script(script,
              {.kernel_policy = eigen, .engine_options = {{"kernel_policy", eigen.to_json()}}});
  EXPECT_EQ(policy, R"({"MatMul":"eigen"})");
  EXPECT_ERROR(
      open_script(script, {.kernel_policy = eigen, .engine_options = {{"kernel_policy", "{}"}}}),
      InvalidArgumentError, HasSubstr("option kernel_policy='{}' contradict one another"));
}

TEST(SessionBuilderTest, AnEngineWithoutKernelsToChooseRefusesAPolicy) {
  const KernelPolicy policy{{"MatMul", "eigen"}};
  EXPECT_ERROR(open_fake(kScale, {.kernel_policy = policy}), UnsupportedOperationError,
               HasSubstr("engine fake has no kernels to choose from"),
               HasSubstr(R"({"MatMul":"eigen"})"));
  EXPECT_EQ(hooks().models, 0);
  // Also one of a list, where the next choice takes it.
  script_engine(constant());
  const InferenceSession session = open_fake(
      kScale, {.engine = "fake@cpu", .fallback = {"script@cpu"}, .kernel_policy = policy});
  EXPECT_EQ(session.engine_name(), "script");
  EXPECT_EQ(session.report().failed_choices.at(0).error, "UnsupportedOperationError");
}

TEST(SessionBuilderTest, AnOptionOfTheWrongTypeEndsTheChoice) {
  EXPECT_ERROR(open_fake(kScale, {.engine_options = {{"reserve_steps", "many"}}}),
               InvalidArgumentError,
               "option 'reserve_steps' of engine fake: expected a whole number, got 'many'");
  EXPECT_ERROR(open_fake(kScale, {.engine_options = {{"resrve_steps", "1"}}}),
               UnsupportedOperationError, HasSubstr("did you mean 'reserve_steps'?"));
}

}  // namespace
}  // namespace xpuruntime
