// SPDX-License-Identifier: Apache-2.0
#include "onnx/cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_builder.h"
#include "onnx/model.h"
#include "unit/temporary_folder.h"

namespace xpuruntime::onnx {
namespace {

using ::testing::ElementsAre;
using testing::ModelBuilder;

Tensor floats(const std::vector<float>& values) {
  Tensor tensor;
  tensor.dtype = DType::kFloat;
  tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return tensor;
}

/// x -> a -> b -> y, and beside it x -> c -> z.
ModelBuilder two_branches() {
  ModelBuilder model;
  model.input("x", DType::kFloat, {2}).output("y", DType::kFloat, {2}).output("z", DType::kFloat);
  model.weight("wa", floats({1, 2})).weight("wb", floats({3, 4})).weight("wc", floats({5, 6}));
  model.node("Add", {"x", "wa"}, {"a"}, "add");
  model.node("Mul", {"a", "wb"}, {"b"}, "mul");
  model.node("Sub", {"x", "wc"}, {"c"}, "sub");
  model.node("Clip", {"b", "", "wb"}, {"y"}, "clip");
  model.node("Neg", {"c"}, {"z"}, "neg");
  return model;
}

Model cut(const ModelBuilder& model, const std::vector<CutOutput>& outputs) {
  const TemporaryFolder folder;
  const std::string bytes = cut_model(folder.write("m.onnx", model.bytes()), outputs);
  return read_model(testing::as_bytes(bytes));
}

std::vector<std::string> nodes(const Model& model) {
  std::vector<std::string> names;
  for (const Node& node : model.graph.nodes) names.push_back(node.name);
  return names;
}

std::vector<std::string> weights(const Model& model) {
  std::vector<std::string> names;
  for (const Tensor& each : model.graph.initializers) names.push_back(each.name);
  return names;
}

TEST(CutTest, KeepsWhatAnOutputNeedsAndNothingElse) {
  const Model model = cut(two_branches(), {{"b"}});
  EXPECT_THAT(nodes(model), ElementsAre("add", "mul"));
  EXPECT_THAT(weights(model), ElementsAre("wa", "wb"));
  ASSERT_EQ(model.graph.outputs.size(), 1U);
  EXPECT_EQ(model.graph.outputs[0].name, "b");
  ASSERT_EQ(model.graph.inputs.size(), 1U);
}

TEST(CutTest, ShowsInnerValuesBesideOutputs) {
  const Model model = cut(two_branches(), {{"y"}, {"z"}, {"a"}});
  EXPECT_EQ(nodes(model).size(), 5U);
  EXPECT_EQ(model.graph.outputs.size(), 3U);
}

TEST(CutTest, KeepsInputsThatNothingReadsAnyMore) {
  ModelBuilder model = two_branches();
  model.input("other", DType::kFloat, {1});
  EXPECT_EQ(cut(model, {{"a"}}).graph.inputs.size(), 2U);
}

TEST(CutTest, DeclaresTypesAsFarAsTheyAreKnown) {
  ModelBuilder model = two_branches();
  auto& known = *model.graph().add_value_info();
  known.set_name("b");
  known.mutable_type()->mutable_tensor_type()->set_elem_type(static_cast<int>(DType::kFloat));
  const Model made = cut(model, {{"y"}, {"a", DType::kFloat}, {"b", DType::kInt64}, {"c"}});
  const auto& outputs = made.graph.outputs;
  EXPECT_EQ(outputs[0].shape, std::vector<int64_t>{2});
  EXPECT_EQ(outputs[1].dtype, DType::kFloat);
  EXPECT_FALSE(outputs[1].has_rank);
  EXPECT_EQ(outputs[2].dtype, DType::kFloat) << "what the model says counts";
  EXPECT_EQ(outputs[3].kind, ValueKind::kUnknown);
}

TEST(CutTest, KeepsWhatInnerGraphsReadOfTheGraphAroundThem) {
  ModelBuilder model;
  model.input("c", DType::kBool, {}).input("x", DType::kFloat, {2}).output("y", DType::kFloat, {2});
  model.weight("w", floats({1, 2}));
  model.node("Add", {"x", "w"}, {"a"}, "add");
  model.node("Neg", {"x"}, {"n"}, "unused");
  auto branch = model.node("If", {"c"}, {"y"}, "if");
  for (const char* name : {"then_branch", "else_branch"}) {
    auto& graph = *branch.add(name, ::onnx::AttributeProto::GRAPH).mutable_g();
    auto& node = *graph.add_node();
    node.set_op_type("Abs");
    node.add_input("a");
    node.add_output("inner");
    graph.add_output()->set_name("inner");
  }
  EXPECT_THAT(nodes(cut(model, {{"y"}})), ElementsAre("add", "if"));
}

TEST(CutTest, LeavesExternalDataWhereItIs) {
  ModelBuilder model = two_branches();
  auto& weight = *model.graph().mutable_initializer(0);
  weight.clear_raw_data();
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  auto& entry = *weight.add_external_data();
  entry.set_key("location");
  entry.set_value("weights.bin");
  const TemporaryFolder folder;
  const std::vector<float> data{7, 8};
  folder.write("weights.bin", {reinterpret_cast<const char*>(data.data()), 8});
  const CutOutput output{"a"};
  const std::string bytes = cut_model(folder.write("m.onnx", model.bytes()), {&output, 1});
  const Model read = read_model(testing::as_bytes(bytes), {.base_folder = folder.path()});
  EXPECT_EQ(read.graph.initializers.at(0).bytes, floats({7, 8}).bytes);
}

TEST(CutTest, RefusesWhatIsNoValueOfTheGraph) {
  EXPECT_THROW(cut(two_branches(), {{"none"}}), ParseError);
  EXPECT_THROW(cut(two_branches(), {{""}}), ParseError);
  const CutOutput output{"a"};
  EXPECT_THROW(cut_model("/none.onnx", {&output, 1}), FileError);
}

}  // namespace
}  // namespace xpuruntime::onnx
