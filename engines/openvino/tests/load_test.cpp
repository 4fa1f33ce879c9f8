// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support.h"

namespace xpuruntime::openvino {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

std::map<std::string, std::string> pairs(const xpurt_key_value* const* list, uint32_t count) {
  std::map<std::string, std::string> map;
  for (uint32_t i = 0; i < count; ++i) map.emplace(list[i]->key, list[i]->value);
  return map;
}

std::vector<int64_t> shape_of(const xpurt_tensor_info* info) {
  return {info->shape, info->shape + info->rank};
}

std::vector<int64_t> max_shape_of(const xpurt_tensor_info* info) {
  return {info->max_shape, info->max_shape + info->rank};
}

std::vector<float> run_one(const conformance::Model& model, const Tensor& x) {
  Sink sink(1);
  const Outcome outcome = model.context().run({x}, sink, 1);
  if (!outcome.ok()) throw std::runtime_error(outcome.text);
  return values_of(sink.copy(0));
}

TEST(LoadTest, ReadsAnIrModelWithItsWeights) {
  const auto model = plugin().load(own_model("scale.xml"));
  EXPECT_STREQ(model.info().inputs[0]->name, "x");
  EXPECT_STREQ(model.info().outputs[0]->name, "y");
  EXPECT_EQ(shape_of(model.info().inputs[0]), (std::vector<int64_t>{-1, 2}));
  EXPECT_EQ(run_one(model, Tensor::of<float>({1, 2}, {1, 10})), (std::vector<float>{2, 30}));
}

TEST(LoadTest, ReadsAnIrModelWithoutWeightsFromBytes) {
  const auto model = plugin().load(own_model("double.xml").as_bytes());
  EXPECT_EQ(run_one(model, floats({1, -3})), (std::vector<float>{2, -6}));
}

TEST(LoadTest, RefusesAnIrModelWhoseWeightsAreMissing) {
  const Outcome outcome = refusal(own_model("scale.xml").as_bytes());
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("OpenVINO: "), Not(HasSubstr("src/"))));
  EXPECT_EQ(refusal(Source::bytes("<?xml version=\"1.0\"?><net>")).code, XPURT_INVALID_ARGUMENT);
}

TEST(LoadTest, RefusesStringsWhichEndTheProgram) {
  const Outcome outcome = refusal(shared_model("identity_string"));
  EXPECT_EQ(outcome.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(outcome.text, HasSubstr("input 'x' has the element type string"));
}

TEST(LoadTest, SaysWhatAnOnnxFileSaysOfItself) {
  const auto model = plugin().load(onnx_model("described"));
  const xpurt_model_info& info = model.info();
  EXPECT_STREQ(info.producer, "make_models.py");
  EXPECT_EQ(info.opset, 17);
  EXPECT_THAT(
      pairs(info.metadata, info.metadata_count),
      AllOf(Contains(Pair("author", "somebody")), Contains(Pair("domain", "the model's own word")),
            Contains(Pair("graph_name", "test")), Contains(Pair("model_version", "7"))));
  EXPECT_EQ(shape_of(info.inputs[0]), (std::vector<int64_t>{-1, 3}));
  EXPECT_STREQ(info.inputs[0]->dim_names[0], "batch");
}

TEST(LoadTest, CountsTheNodesOfEachKernelInTheirPrecision) {
  const auto count_bf16 = [](const conformance::Model& model) {
    int nodes = 0;
    for (const auto& [kernel, count] :
         pairs(model.info().placement, model.info().placement_count)) {
      if (kernel.ends_with("_bf16")) nodes += std::stoi(count);
    }
    return nodes;
  };
  const auto model = plugin().load(shared_model("digits"));
  const auto placement = pairs(model.info().placement, model.info().placement_count);
  EXPECT_THAT(placement, Contains(Key(EndsWith("_f32"))));
  EXPECT_EQ(count_bf16(model), 0);  // whatever the machine would prefer
}

TEST(LoadTest, FindsExternalDataBesideTheFile) {
  const auto model = plugin().load(onnx_model("external"));
  EXPECT_EQ(run_one(model, floats({1, 1, 1, 1})), (std::vector<float>{1, 2, 3, 4}));
}

TEST(LoadTest, RefusesExternalDataOfBytesWithoutAFolder) {
  const Outcome outcome = refusal(onnx_model("external").as_bytes());
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, HasSubstr("external.weights"));
}

/// A load with what conformance::LoadOptions does not have.
struct RawLoad {
  explicit RawLoad(const Source& source) : content(source.content) {
    args.struct_size = sizeof(args);
    args.source = source.kind;
    args.path = content.c_str();
    args.bytes = content.data();
    args.byte_count = content.size();
    args.threads = 1;
  }
  conformance::Model load() {
    conformance::Error error;
    xpurt_model* model = nullptr;
    const xpurt_engine* const engine = plugin().engine();
    const xpurt_status status = engine->model_load(engine->self, &args, &model, error.get());
    if (status != XPURT_OK) throw std::runtime_error(error.outcome(status).text);
    return {engine, model};
  }
  std::string content;
  xpurt_load_args args{};
};

TEST(LoadTest, FindsExternalDataOfBytesInTheBaseFolder) {
  RawLoad raw(onnx_model("external").as_bytes());
  raw.args.base_folder = XPURT_ONNX_TEST_DATA_DIR;
  EXPECT_EQ(run_one(raw.load(), floats({1, 1, 1, 1})), (std::vector<float>{1, 2, 3, 4}));
}

TEST(LoadTest, SpecializesAModelToTheShapesThatItWillHave) {
  const int64_t one[] = {1, 16}, eight[] = {8, 16};
  xpurt_shape_profile profile{sizeof(profile), "x", 2, one, one, eight};
  const xpurt_shape_profile* const profiles[] = {&profile};
  RawLoad raw(shared_model("mlp"));
  raw.args.profiles = profiles;
  raw.args.profile_count = 1;
  const auto bounded = raw.load();
  EXPECT_EQ(shape_of(bounded.info().inputs[0]), (std::vector<int64_t>{-1, 16}));
  EXPECT_EQ(max_shape_of(bounded.info().inputs[0]), (std::vector<int64_t>{8, 16}));
  for (const int64_t rows : {1, 8, 3}) {
    EXPECT_EQ(run_one(bounded, Tensor(XPURT_FLOAT, {rows, 16})).size(), rows * 4U);
  }
  Sink sink(1);
  EXPECT_EQ(bounded.context().run({Tensor(XPURT_FLOAT, {9, 16})}, sink, 1).code,
            XPURT_INVALID_ARGUMENT);
  profile.max = one;
  EXPECT_EQ(shape_of(raw.load().info().outputs[0]), (std::vector<int64_t>{1, 4}));
}

TEST(LoadTest, KeepsWhatAModelSaysOfItselfWhenItIsSaved) {
  const auto original = plugin().load(onnx_model("described"));
  std::string bytes;
  ASSERT_TRUE(plugin().save(original, bytes).ok());
  const auto loaded = plugin().load(Source::compiled(bytes));
  const xpurt_model_info &before = original.info(), &after = loaded.info();
  EXPECT_EQ(pairs(after.metadata, after.metadata_count),
            pairs(before.metadata, before.metadata_count));
  EXPECT_EQ(pairs(after.placement, after.placement_count),
            pairs(before.placement, before.placement_count));
  EXPECT_STREQ(after.inputs[0]->dim_names[0], "batch");
  EXPECT_STREQ(after.outputs[0]->name, before.outputs[0]->name);
  EXPECT_STREQ(after.producer, before.producer);
}

TEST(LoadTest, KeepsTheStateOfAModelThatWasSaved) {
  std::string bytes;
  ASSERT_TRUE(plugin().save(plugin().load(own_model("accumulate.xml")), bytes).ok());
  const auto loaded = plugin().load(Source::compiled(bytes));
  EXPECT_EQ(loaded.info().flags, XPURT_MODEL_STATEFUL);
  const auto context = loaded.context();
  for (const float sum : {1.0F, 2.0F}) {
    Sink sink(1);
    ASSERT_TRUE(context.run({Tensor::of<float>({1, 2}, {1, 1})}, sink, 1).ok());
    EXPECT_EQ(values_of(sink.copy(0)), (std::vector<float>{sum, sum}));
  }
}

TEST(LoadTest, RefusesCompiledModelsOfOthersAndBrokenOnes) {
  std::string bytes;
  ASSERT_TRUE(plugin().save(plugin().load(shared_model("add")), bytes).ok());
  EXPECT_EQ(refusal(Source::compiled("")).code, XPURT_INVALID_ARGUMENT);
  EXPECT_EQ(refusal(Source::compiled("{}\n")).code, XPURT_INVALID_ARGUMENT);
  EXPECT_EQ(refusal(Source::compiled(bytes + "more")).code, XPURT_INVALID_ARGUMENT);
  const std::string version = plugin().info().version;
  std::string other = bytes;
  other.replace(other.find(version), version.size(), "2020" + version.substr(4));
  const Outcome outcome = refusal(Source::compiled(other));
  EXPECT_EQ(outcome.code, XPURT_MODEL_MISMATCH);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("OpenVINO 2020"), HasSubstr("OpenVINO " + version)));
}

TEST(LoadTest, TellsMalformedModelsFromUnsupportedOnes) {
  const Outcome cyclic = refusal(shared_model("wrong/cyclic"));
  EXPECT_EQ(cyclic.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(cyclic.text, HasSubstr("nothing makes before it"));
  const Outcome unknown = refusal(shared_model("unsupported_op"));
  EXPECT_EQ(unknown.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(unknown.text, AllOf(HasSubstr("Mystery"), Not(HasSubstr("Exception"))));
  const Outcome sequence = refusal(shared_model("sequence"));
  EXPECT_EQ(sequence.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(sequence.text, HasSubstr("models of tensors only"));
}

TEST(LoadTest, NamesTheNearestOfAnInnerValueThatIsNotThere) {
  LoadOptions options;
  options.extra_outputs = {"hiden"};
  const Outcome outcome = refusal(shared_model("mlp"), options);
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(outcome.text, HasSubstr("did you mean 'hidden'?"));
}

TEST(LoadTest, TakesEveryPublishedChoice) {
  for (const xpurt_option* const* option = plugin().info().options; *option != nullptr; ++option) {
    if ((*option)->choices == nullptr) continue;
    for (const char* const* choice = (*option)->choices; *choice != nullptr; ++choice) {
      plugin().load(shared_model("mlp"), with({{(*option)->name, *choice}}));
    }
  }
}

TEST(LoadTest, ComputesInThePrecisionThatIsAskedFor) {
  const auto x = Tensor(XPURT_FLOAT, {1, 1, 8, 8});
  for (float& value : x.as<float>()) value = 0.3F;
  std::vector<std::vector<float>> logits;
  for (const char* precision : {"fp32", "bf16"}) {
    logits.push_back(
        run_one(plugin().load(shared_model("digits"), with({{"precision", precision}})), x));
  }
  for (size_t i = 0; i < logits[0].size(); ++i) EXPECT_NEAR(logits[0][i], logits[1][i], 0.1);
}

TEST(LoadTest, PassesPropertiesOn) {
  plugin().load(
      shared_model("mlp"),
      with({{"ov.ENABLE_HYPER_THREADING", "NO"}, {"ov.PERF_COUNT", "YES"}, {"streams", "2"}}));
  const Outcome wrong = refusal(shared_model("mlp"), with({{"ov.PERF_COUNT", "perhaps"}}));
  EXPECT_EQ(wrong.code, XPURT_INVALID_ARGUMENT);
}

TEST(LoadTest, StreamsShareTheThreads) {
  LoadOptions options;
  options.threads = 4;
  const auto one = plugin().load(shared_model("mlp"), options);
  EXPECT_EQ(one.info().threads, 4);
  EXPECT_EQ(one.info().parallelism, 1U);
  options.options = {{"streams", "2"}};
  const auto two = plugin().load(shared_model("mlp"), options);
  EXPECT_EQ(two.info().threads, 2);
  EXPECT_EQ(two.info().parallelism, 2U);
}

TEST(LoadTest, NamesTheNearestOfAnUnknownProperty) {
  const Outcome outcome = refusal(shared_model("mlp"), with({{"ov.PERF_COUNTS", "YES"}}));
  EXPECT_EQ(outcome.code, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(outcome.text, HasSubstr("did you mean 'PERF_COUNT'?"));
}

TEST(LoadTest, RefusesPropertiesThatTheSessionSetsOrThatCanOnlyBeRead) {
  const Outcome set = refusal(shared_model("mlp"), with({{"ov.INFERENCE_NUM_THREADS", "7"}}));
  EXPECT_EQ(set.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(set.text, HasSubstr("the session's threads"));
  const Outcome read = refusal(shared_model("mlp"), with({{"ov.FULL_DEVICE_NAME", "mine"}}));
  EXPECT_EQ(read.code, XPURT_INVALID_ARGUMENT);
  EXPECT_THAT(read.text, HasSubstr("can only be read"));
}

TEST(LoadTest, RefusesADeviceThatIsNotThere) {
  LoadOptions options;
  options.device = {XPURT_DEVICE_INTEL_GPU, 7};
  const Outcome outcome = refusal(shared_model("mlp"), options);
  EXPECT_EQ(outcome.code, XPURT_UNAVAILABLE);
  EXPECT_THAT(outcome.text, AllOf(HasSubstr("intel_gpu:7"), HasSubstr("finds here: "),
                                  HasSubstr("cpu"), HasSubstr("intel-opencl-icd")));
}

TEST(LoadTest, BuildsVirtualDevicesByTheirOptionAlone) {
  for (const char* name : {"AUTO:CPU", "HETERO:CPU", "MULTI:CPU"}) {
    const auto model = plugin().load(shared_model("mlp"), with({{"device_name", name}}));
    EXPECT_EQ(model.info().device.type, XPURT_DEVICE_CPU) << name;
    EXPECT_EQ(run_one(model, Tensor(XPURT_FLOAT, {2, 16})).size(), 8U) << name;
  }
  const Outcome outcome = refusal(shared_model("mlp"), with({{"device_name", "GPU.0"}}));
  EXPECT_EQ(outcome.code, XPURT_INVALID_ARGUMENT);
}

TEST(LoadTest, FingerprintsTheLibraryAndTheMachine) {
  std::string text;
  ASSERT_TRUE(plugin().fingerprint(shared_model("mlp"), {}, text).ok());
  EXPECT_THAT(text,
              AllOf(HasSubstr(plugin().info().version), HasSubstr("CPU "), HasSubstr("FP32")));
}

}  // namespace
}  // namespace xpuruntime::openvino
