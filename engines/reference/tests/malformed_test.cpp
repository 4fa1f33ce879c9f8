// SPDX-License-Identifier: Apache-2.0
// Models that do not hold together, or ask for what the engine has not.
#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

/// The failure of loading, with its code.
std::pair<xpurt_status, std::string> load(const ModelBuilder& model) {
  try {
    Session session(model.bytes());
  } catch (const Failed& failed) {
    return {failed.code, failed.what()};
  }
  return {XPURT_OK, "no failure"};
}

ModelBuilder relu(int64_t opset = 17) {
  ModelBuilder model(opset);
  model.input("x", DType::kFloat, {2}).output("y", DType::kFloat, {2});
  return model;
}

TEST(ReferenceLoadTest, NamesTheOperatorThatItHasNotAndOneThatIsNear) {
  for (const auto& [name, hint] :
       {std::pair{"Frobnicate", ""}, {"ReLU", "; did you mean 'Relu'?"}}) {
    ModelBuilder model = relu();
    model.node(name, {"x"}, {"y"}, "f1");
    const auto [code, text] = load(model);
    EXPECT_EQ(code, XPURT_UNSUPPORTED_OPERATION);
    EXPECT_EQ(text, std::string("node 'f1' (") + name +
                        "): the operator is not supported by engine reference" + hint);
  }
}

TEST(ReferenceLoadTest, NamesTheOperatorOfAModelThatImportsOtherDomainsAlone) {
  ModelBuilder model = relu();
  model.node("Relu", {"x"}, {"y"}, "n");
  model.proto.mutable_opset_import(0)->set_domain("ai.onnx.ml");
  EXPECT_EQ(load(model),
            std::pair(xpurt_status{XPURT_INVALID_ARGUMENT},
                      std::string("malformed model: it imports no ONNX operator set")));
  model.graph().mutable_node(0)->set_domain("ai.onnx.ml");
  EXPECT_EQ(load(model).first, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(load(model).second,
              HasSubstr("node 'n' (ai.onnx.ml.Relu): the operator is not supported"));
}

TEST(ReferenceLoadTest, RefusesOperatorSetsItDoesNotRead) {
  ModelBuilder newer = relu(29);
  newer.node("Relu", {"x"}, {"y"});
  EXPECT_EQ(load(newer).first, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(load(newer).second, HasSubstr("reads 1 to 28"));
  ModelBuilder model = relu(8);
  model.node("NonZero", {"x"}, {"y"});
  EXPECT_THAT(load(model).second, HasSubstr("needs operator set 9, and the model imports 8"));
}

TEST(ReferenceLoadTest, RefusesTypesItDoesNotCompute) {
  ModelBuilder model;
  model.input("x", static_cast<DType>(99)).output("y", DType::kFloat);
  model.node("Identity", {"x"}, {"y"});
  EXPECT_EQ(load(model).first, XPURT_UNSUPPORTED_OPERATION);
  EXPECT_THAT(load(model).second, HasSubstr("input 'x' is dtype 99"));
  EXPECT_THAT(failure({"Relu", {strings({1}, {"a"})}}, XPURT_UNSUPPORTED_OPERATION),
              HasSubstr("on string"));
}

TEST(ReferenceLoadTest, RefusesGraphsThatDoNotHoldTogether) {
  ModelBuilder unknown = relu();
  unknown.node("Relu", {"nobody"}, {"y"}, "r");
  EXPECT_EQ(load(unknown).second,
            "malformed model: node 'r' (Relu) reads 'nobody', which nothing before it makes");

  ModelBuilder cyclic = relu();
  cyclic.node("Add", {"x", "b"}, {"a"});
  cyclic.node("Relu", {"a"}, {"b"});
  EXPECT_EQ(load(cyclic).first, XPURT_INVALID_ARGUMENT);

  ModelBuilder twice = relu();
  twice.node("Relu", {"x"}, {"y"});
  twice.node("Relu", {"x"}, {"y"});
  EXPECT_THAT(load(twice).second, HasSubstr("'y' is defined twice"));

  ModelBuilder without = relu();
  EXPECT_THAT(load(without).second, HasSubstr("the graph's output reads 'y'"));

  ModelBuilder three = relu();
  three.node("Relu", {"x", "x", "x"}, {"y"});
  EXPECT_THAT(load(three).second, HasSubstr("has 3 inputs"));

  ModelBuilder none = relu();
  none.node("Relu", {""}, {"y"});
  EXPECT_EQ(load(none).first, XPURT_OK);
  EXPECT_THROW(Session(none.bytes()).run({floats({2}, {1, 2})}), Failed);
}

TEST(ReferenceLoadTest, RefusesFilesThatAreNoModels) {
  LoadSettings settings;
  for (const char* name : {"empty", "not_onnx", "truncated", "huge_dim", "huge_product",
                           "negative_dim", "cyclic", "undefined_value"}) {
    settings.path = std::string(XPURT_TEST_DATA_DIR "/wrong/") + name + ".onnx";
    try {
      Session session("", settings);
      ADD_FAILURE() << name << " was loaded";
    } catch (const Failed& failed) {
      EXPECT_EQ(failed.code, XPURT_INVALID_ARGUMENT) << name;
    }
  }
  settings.path = "/nowhere/model.onnx";
  try {
    Session session("", settings);
    ADD_FAILURE();
  } catch (const Failed& failed) {
    EXPECT_EQ(failed.code, XPURT_MODEL_NOT_FOUND);
  }
}

TEST(ReferenceLoadTest, RefusesAttributesOfTheWrongKind) {
  EXPECT_EQ(failure({"Flatten", {floats({2}, {1, 2})}, [](NodeBuilder n) { n.text("axis", "x"); }}),
            "node 'tested' (Flatten): attribute 'axis' must be an integer (inputs: float32 [2])");
}

TEST(ReferenceLoadTest, DoesNotTrustDeclaredOutputs) {
  ModelBuilder shape;
  shape.input("x", DType::kFloat).output("y", DType::kFloat, {7, 7});
  shape.node("Relu", {"x"}, {"y"});
  expect_floats(Session(shape.bytes()).run({floats({1}, {1})})[0], {1}, {1});

  ModelBuilder dtype;
  dtype.input("x", DType::kFloat).output("y", DType::kInt64);
  dtype.node("Relu", {"x"}, {"y"});
  try {
    Session(dtype.bytes()).run({floats({1}, {1})});
    ADD_FAILURE();
  } catch (const Failed& failed) {
    EXPECT_STREQ(failed.what(), "output 'y': declared int64, and the graph computes float32 [1]");
  }
}

}  // namespace
}  // namespace xpuruntime::reference::testing
