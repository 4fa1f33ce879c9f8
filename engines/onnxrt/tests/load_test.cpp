// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "support.h"

namespace xpuruntime::onnxrt {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

std::map<std::string, std::string> pairs(const xpurt_key_value* const* list, uint32_t count) {
  std::map<std::string, std::string> map;
  for (uint32_t i = 0; i < count; ++i) map.emplace(list[i]->key, list[i]->value);
  return map;
}

TEST(LoadTest, SaysWhatAModelSaysOfItself) {
  const auto model = plugin().load(own_model("described"));
  const xpurt_model_info& info = model.info();
  EXPECT_STREQ(info.producer, "make_models.py");
  EXPECT_THAT(pairs(info.metadata, info.metadata_count),
              ElementsAre(Pair("author", "somebody"), Pair("description", "a model that adds"),
                          Pair("domain", "the model's own word"), Pair("graph_description", "adds"),
                          Pair("graph_name", "test"), Pair("model_version", "7")));
  ASSERT_EQ(info.input_count, 2U);
  EXPECT_EQ(info.inputs[0]->shape[0], -1);
  EXPECT_STREQ(info.inputs[0]->dim_names[0], "batch");
  EXPECT_EQ(info.inputs[0]->dim_names[1], nullptr);
}

TEST(LoadTest, CountsTheNodesOfEachExecutionProvider) {
  const auto model = plugin().load(shared_model("digits"));
  const auto placement = pairs(model.info().placement, model.info().placement_count);
  ASSERT_EQ(placement.size(), 1U);
  EXPECT_EQ(placement.begin()->first, "CPUExecutionProvider");
  EXPECT_GT(std::stoi(placement.begin()->second), 3);
}

TEST(LoadTest, SaysNothingOfThePlacementThatWasNotRecorded) {
  const auto model = plugin().load(shared_model("digits"),
                                   with({{"session.record_ep_graph_assignment_info", "0"}}));
  EXPECT_EQ(model.info().placement_count, 0U);
}

TEST(LoadTest, TellsAScalarFromAnUnknownRank) {
  const auto scalar = plugin().load(shared_model("scalar"));
  EXPECT_EQ(scalar.info().outputs[0]->rank, 0);
  const auto unknown = plugin().load(own_model("unknown_rank"));
  EXPECT_EQ(unknown.info().outputs[0]->rank, -1);
}

TEST(LoadTest, FindsExternalDataBesideTheFile) {
  const auto model = plugin().load(own_model("external"));
  conformance::Sink sink(1);
  ASSERT_TRUE(model.context().run({floats({1, 1, 1, 1})}, sink, 1).ok());
  EXPECT_EQ(values_of(sink.copy(0)), (std::vector<float>{1, 2, 3, 4}));
}

TEST(LoadTest, RefusesExternalDataOfBytesWithoutAFolder) {
  const Outcome outcome = refusal(own_model("external").as_bytes());
  EXPECT_NE(outcome.code, XPURT_OK);
  EXPECT_THAT(outcome.text, HasSubstr("external.weights"));
}

TEST(LoadTest, FindsExternalDataOfBytesInTheBaseFolder) {
  const std::string bytes = own_model("external").as_bytes().content;
  xpurt_load_args args{};
  args.struct_size = sizeof(args);
  args.source = XPURT_SOURCE_BYTES;
  args.bytes = bytes.data();
  args.byte_count = bytes.size();
  args.base_folder = XPURT_ONNXRT_TEST_DATA_DIR;
  args.threads = 1;
  conformance::Error error;
  xpurt_model* model = nullptr;
  const xpurt_engine* const engine = plugin().engine();
  ASSERT_EQ(engine->model_load(engine->self, &args, &model, error.get()), XPURT_OK)
      << error.outcome(XPURT_OK).text;
  engine->model_release(model);
}

TEST(LoadTest, NamesTheFileThatIsMissing) {
  const Outcome outcome = refusal(Source::path("no/such/file.onnx"));
  EXPECT_EQ(outcome.code, XPURT_MODEL_NOT_FOUND);
  EXPECT_EQ(outcome.native_code, 3);  // ORT_NO_SUCHFILE
  EXPECT_THAT(outcome.text, HasSubstr("no/such/file.onnx"));
}

TEST(LoadTest, SaysWhatAFileThatIsNoModelLooksLike) {
  for (const Source& source :
       {shared_model("wrong/not_onnx"), shared_model("wrong/not_onnx").as_bytes()}) {
    const Outcome outcome = refusal(source);
    EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
    EXPECT_THAT(outcome.text, AllOf(HasSubstr("42 bytes"), HasSubstr("This is a text")));
  }
  const Outcome pointer = refusal(Source::bytes("version https://git-lfs.github.com/spec/v1\n"));
  EXPECT_THAT(pointer.text, HasSubstr("git lfs pull"));
}

TEST(LoadTest, TellsMalformedModelsFromUnsupportedOnes) {
  for (const char* name : {"empty", "truncated", "huge_dim", "huge_product", "negative_dim",
                           "cyclic", "undefined_value"}) {
    const Outcome outcome = refusal(shared_model(std::string("wrong/") + name));
    EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT) << name << ": " << outcome.text;
  }
  EXPECT_EQ(refusal(Source::bytes("")).code, XPURT_INVALID_ARGUMENT);
  const Outcome outcome = refusal(shared_model("unsupported_op"));
  EXPECT_EQ(outcome.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(outcome.text, HasSubstr("Mystery"));
}

TEST(LoadTest, LoadsModelsWithValuesThatAreNoTensorsAndRefusesToRunThem) {
  const auto model = plugin().load(shared_model("sequence"));
  conformance::Sink sink(1);
  const Outcome outcome = model.context().run({floats({1, 2})}, sink, 1);
  EXPECT_EQ(outcome.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(outcome.text, HasSubstr("models of tensors only"));
  EXPECT_EQ(model.info().outputs[0]->kind, XPURT_KIND_SEQUENCE);
}

TEST(LoadTest, TakesEveryPublishedChoice) {
  const xpurt_engine_info& info = plugin().info();
  for (const xpurt_option* const* option = info.options; *option != nullptr; ++option) {
    EXPECT_STRNE((*option)->doc, "") << (*option)->name;
    if ((*option)->choices == nullptr) continue;
    for (const char* const* choice = (*option)->choices; *choice != nullptr; ++choice) {
      plugin().load(shared_model("mlp"), with({{(*option)->name, *choice}}));
    }
  }
}

TEST(LoadTest, PassesConfigurationKeysOn) {
  plugin().load(shared_model("mlp"), with({{"session.intra_op.allow_spinning", "0"},
                                           {"optimization.enable_gelu_approximation", "1"},
                                           {"run.memory.enable_memory_arena_shrinkage", "cpu:0"}}));
  // A key that makes ONNX Runtime fail proves that it arrives.
  const Outcome outcome =
      refusal(shared_model("mlp"), with({{"session.load_model_format", "ORT"}}));
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT) << outcome.text;
}

/// Of this process.
std::set<pid_t> threads() {
  std::set<pid_t> found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    found.insert(std::stoi(task.path().filename().string()));
  }
  return found;
}

TEST(LoadTest, ItsThreadsTakeNoCoreFromThoseThatRun) {
  plugin().load(shared_model("mlp"));  // what starts threads once
  const std::set<pid_t> before = threads();
  LoadOptions options;
  options.threads = 3;
  const auto model = plugin().load(shared_model("mlp"), options);
  EXPECT_NE(model.info().flags & XPURT_MODEL_ELASTIC, 0U);
  int started = 0;
  for (const pid_t thread : threads()) {
    if (before.contains(thread)) continue;
    EXPECT_EQ(sched_getscheduler(thread), SCHED_BATCH);
    ++started;
  }
  EXPECT_EQ(started, 2);
  EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
}

TEST(LoadTest, LeavesAPolicyOfTheCallersAlone) {
  std::thread([] {
    const sched_param parameters{};
    ASSERT_EQ(sched_setscheduler(0, SCHED_IDLE, &parameters), 0);
    plugin().load(shared_model("mlp"));
    EXPECT_EQ(sched_getscheduler(0), SCHED_IDLE);
  }).join();
}

TEST(LoadTest, NamesTheNearestOfAnUnknownKey) {
  const Outcome session =
      refusal(shared_model("mlp"), with({{"session.intraop.allow_spinning", "0"}}));
  EXPECT_EQ(session.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(session.text, HasSubstr("did you mean 'session.intra_op.allow_spinning'?"));
  const Outcome run = refusal(shared_model("mlp"), with({{"run.gpu_graf_id", "0"}}));
  EXPECT_THAT(run.text, HasSubstr("did you mean 'gpu_graph_id'?"));
  plugin().load(shared_model("mlp"),
                with({{"session.of_tomorrow", "1"}, {"allow_unknown_keys", "true"}}));
}

TEST(LoadTest, RefusesKeysThatBreakItsPromises) {
  const Outcome outcome = refusal(
      shared_model("mlp"),
      with({{"session.use_ort_model_bytes_directly", "1"}, {"allow_unknown_keys", "true"}}));
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, HasSubstr("only while it is loaded"));
}

TEST(LoadTest, RefusesADeviceThatTheLibraryCannotUse) {
  LoadOptions options;
  options.device = {XPURT_DEVICE_CUDA, 0};
  const Outcome outcome = refusal(shared_model("mlp"), options);
  EXPECT_EQ(outcome.code, XPURT_UNAVAILABLE);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("cuda:0"), HasSubstr("CPUExecutionProvider")));
  options.device = {XPURT_DEVICE_INTEL_GPU, 1};
  EXPECT_THAT(refusal(shared_model("mlp"), options).text, HasSubstr("intel_gpu:1"));
}

TEST(LoadTest, RefusesProvidersThatContradictTheDevice) {
  const Outcome other = refusal(shared_model("mlp"), with({{"providers", "tensorrt, cuda"}}));
  EXPECT_EQ(other.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(other.text, HasSubstr("tensorrt does not run on device cpu"));
  const Outcome unknown = refusal(shared_model("mlp"), with({{"providers", "cuuda"}}));
  EXPECT_EQ(unknown.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(unknown.text, HasSubstr("did you mean 'cuda'?"));
  const Outcome unused = refusal(shared_model("mlp"), with({{"cuda.device_id", "0"}}));
  EXPECT_EQ(unused.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(unused.text, HasSubstr("provider cuda is not used"));
  const Outcome workspace = refusal(shared_model("mlp"), with({{"workspace_size", "1024"}}));
  EXPECT_EQ(workspace.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(workspace.text, HasSubstr("provider tensorrt is not used"));
}

TEST(LoadTest, FingerprintsTheLibraryAndTheMachine) {
  std::string text;
  ASSERT_TRUE(plugin().fingerprint(shared_model("mlp"), {}, text).ok());
  EXPECT_THAT(text, AllOf(HasSubstr(plugin().info().version), HasSubstr("instructions")));
  EXPECT_THAT(text, Not(HasSubstr("/")));
}

}  // namespace
}  // namespace xpuruntime::onnxrt
