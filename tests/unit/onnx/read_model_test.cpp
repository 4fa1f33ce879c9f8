// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_builder.h"
#include "onnx/model.h"
#include "unit/temporary_folder.h"

namespace xpuruntime::onnx::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Tensor floats(std::vector<int64_t> shape, size_t count) {
  Tensor tensor;
  tensor.dtype = DType::kFloat;
  tensor.shape = std::move(shape);
  tensor.bytes.assign(count * sizeof(float), '\1');
  return tensor;
}

ModelBuilder small_model() {
  ModelBuilder model;
  model.input("x", DType::kFloat, {-1, 3}).output("y", DType::kFloat).weight("w", floats({3}, 3));
  model.node("LeakyRelu", {"x"}, {"a"}, "act").number("alpha", 0.5f);
  model.node("Add", {"a", "w"}, {"y"});
  return model;
}

TEST(ReadModelTest, ReadsNodesAttributesAndInitializers) {
  const Model model = read_model(as_bytes(small_model().bytes()));
  ASSERT_EQ(model.graph.nodes.size(), 2u);
  const Node& node = model.graph.nodes[0];
  EXPECT_EQ(node.name, "act");
  EXPECT_EQ(node.op_type, "LeakyRelu");
  EXPECT_THAT(node.inputs, ElementsAre("x"));
  ASSERT_NE(node.attribute("alpha"), nullptr);
  EXPECT_EQ(std::get<float>(node.attribute("alpha")->value), 0.5f);
  EXPECT_EQ(node.attribute("beta"), nullptr);
  ASSERT_EQ(model.graph.initializers.size(), 1u);
  EXPECT_EQ(model.graph.initializers[0].name, "w");
  EXPECT_EQ(model.graph.initializers[0].bytes.size(), 12u);
}

TEST(ReadModelTest, ReadsDeclaredShapesAndTheNamesOfDimensions) {
  const Model model = read_model(as_bytes(small_model().bytes()));
  const ValueInfo& x = model.graph.inputs[0];
  EXPECT_EQ(x.kind, ValueKind::kTensor);
  EXPECT_EQ(x.dtype, DType::kFloat);
  EXPECT_TRUE(x.has_rank);
  EXPECT_THAT(x.shape, ElementsAre(-1, 3));
  EXPECT_THAT(x.dim_names, ElementsAre("d0", ""));
  EXPECT_FALSE(model.graph.outputs[0].has_rank);
}

TEST(ReadModelTest, ReadsWhoMadeTheModelAndWhatItImports) {
  ModelBuilder builder = small_model();
  auto& other = *builder.proto.add_opset_import();
  other.set_domain("ai.onnx.ml");
  other.set_version(3);
  auto& entry = *builder.proto.add_metadata_props();
  entry.set_key("author");
  entry.set_value("somebody");
  const std::string bytes = builder.bytes();
  const Model model = read_model(as_bytes(bytes));
  EXPECT_EQ(model.producer_name, "model_builder");
  EXPECT_EQ(model.opset(), 17);
  EXPECT_EQ(model.opset("ai.onnx"), 17);
  EXPECT_EQ(model.opset("ai.onnx.ml"), 3);
  EXPECT_EQ(model.opset("elsewhere"), 0);
  EXPECT_THAT(model.metadata, ElementsAre(Pair("author", "somebody")));
  EXPECT_EQ(model.byte_size, bytes.size());
}

TEST(ReadModelTest, CountsOperatorsOfInnerGraphsToo) {
  ModelBuilder builder = small_model();
  auto& branch = builder.node("If", {"c"}, {"z"}).add("then_branch", ::onnx::AttributeProto::GRAPH);
  branch.mutable_g()->add_node()->set_op_type("Add");
  builder.graph().add_node()->set_op_type("Scaler");
  builder.graph().mutable_node(3)->set_domain("ai.onnx.ml");
  EXPECT_THAT(read_model(as_bytes(builder.bytes())).operator_counts(),
              UnorderedElementsAre(Pair("Add", 2), Pair("LeakyRelu", 1), Pair("If", 1),
                                   Pair("ai.onnx.ml.Scaler", 1)));
}

TEST(ReadModelTest, DoesNotAskForInputsThatHaveAnInitializer) {
  ModelBuilder builder = small_model();
  builder.input("w", DType::kFloat, {3});
  const Model model = read_model(as_bytes(builder.bytes()));
  const auto required = model.graph.required_inputs();
  ASSERT_EQ(required.size(), 1u);
  EXPECT_EQ(required[0]->name, "x");
}

TEST(ReadModelTest, KeepsAttributesThatItDoesNotReadAsOpaque) {
  ModelBuilder builder = small_model();
  builder.node("Constant", {}, {"c"}).add("sparse_value", ::onnx::AttributeProto::SPARSE_TENSOR);
  const Model model = read_model(as_bytes(builder.bytes()));
  const Attribute* attribute = model.graph.nodes[2].attribute("sparse_value");
  ASSERT_NE(attribute, nullptr);
  EXPECT_EQ(std::get<OpaqueAttribute>(attribute->value).kind, "sparse tensor");
}

TEST(ReadModelTest, LeavesOutWeightsWhenAskedTo) {
  const Model model = read_model(as_bytes(small_model().bytes()), {.weights = false});
  EXPECT_THAT(model.graph.initializers[0].shape, ElementsAre(3));
  EXPECT_TRUE(model.graph.initializers[0].bytes.empty());
}

/// A model whose initializer 'w', float32 [2], is in another file.
ModelBuilder external_model(const std::string& location, const std::string& offset,
                            const std::string& length) {
  ModelBuilder builder;
  auto& weight = *builder.graph().add_initializer();
  weight.set_name("w");
  weight.set_data_type(1);
  weight.add_dims(2);
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  const std::pair<const char*, std::string> entries[] = {
      {"location", location}, {"offset", offset}, {"length", length}};
  for (const auto& [key, value] : entries) {
    if (value.empty()) continue;
    auto& entry = *weight.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return builder;
}

std::string error_of(const std::filesystem::path& path) {
  try {
    read_model(path);
  } catch (const ParseError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ExternalDataTest, IsReadFromBesideTheModel) {
  const TemporaryFolder folder;
  folder.write("weights.bin", "0123456789abcdef");
  const auto path = folder.write("m.onnx", external_model("weights.bin", "4", "8").bytes());
  const Model model = read_model(path);
  EXPECT_EQ(model.graph.initializers[0].bytes, "456789ab");
  EXPECT_EQ(model.external_byte_size, 8u);
}

TEST(ExternalDataTest, IsReadFromTheGivenFolderForAModelInMemory) {
  const TemporaryFolder folder;
  folder.write("weights.bin", "01234567");
  const std::string bytes = external_model("weights.bin", "", "").bytes();
  EXPECT_EQ(read_model(as_bytes(bytes), {.base_folder = folder.path()}).graph.initializers[0].bytes,
            "01234567");
  EXPECT_THROW(read_model(as_bytes(bytes)), ParseError);
  EXPECT_NO_THROW(read_model(as_bytes(bytes), {.weights = false}));
}

TEST(ExternalDataTest, DoesNotLeaveTheFolder) {
  const TemporaryFolder folder;
  for (const char* location : {"../weights.bin", "a/../../weights.bin", "/etc/hostname", ".."}) {
    const auto path = folder.write("m.onnx", external_model(location, "", "").bytes());
    EXPECT_THAT(error_of(path), HasSubstr("not a path inside the model's folder")) << location;
  }
}

TEST(ExternalDataTest, MustBeThereAndLongEnough) {
  const TemporaryFolder folder;
  auto path = folder.write("m.onnx", external_model("none.bin", "", "").bytes());
  EXPECT_THROW(read_model(path), FileError);
  folder.write("short.bin", "0123456");
  path = folder.write("m.onnx", external_model("short.bin", "", "").bytes());
  EXPECT_THAT(error_of(path), HasSubstr("which has 7"));
  path = folder.write("m.onnx", external_model("short.bin", "18446744073709551615", "8").bytes());
  EXPECT_THAT(error_of(path), HasSubstr("which has 7"));
  path = folder.write("m.onnx", external_model("short.bin", "0", "7").bytes());
  EXPECT_THAT(error_of(path), HasSubstr("7 bytes of external data where the shape needs 8"));
  path = folder.write("m.onnx", external_model("short.bin", "-1", "").bytes());
  EXPECT_THAT(error_of(path), HasSubstr("offset '-1' is not a number"));
}

}  // namespace
}  // namespace xpuruntime::onnx::testing
