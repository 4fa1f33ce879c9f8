// SPDX-License-Identifier: Apache-2.0
/// Runs one node as a model of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness.h"
#include "model_builder.h"

namespace xpuruntime::reference::testing {

using onnx::DType;
using onnx::testing::ModelBuilder;
using onnx::testing::NodeBuilder;

struct NodeCase {
  std::string op_type;
  std::vector<Value> inputs;  ///< of no dtype where one is left out
  std::function<void(NodeBuilder)> attributes = {};
  int64_t opset = 17;
  std::vector<DType> outputs = {};  ///< empty: one, of the first input's dtype
  std::map<std::string, std::string> options = {};
};

inline std::vector<Value> run_all(const NodeCase& node) {
  ModelBuilder model(node.opset);
  std::vector<std::string> names;
  std::vector<std::string> outputs;
  std::vector<Value> given;
  for (const Value& input : node.inputs) {
    const bool is_there = input.dtype != DType::kUndefined;
    names.push_back(is_there ? "x" + std::to_string(names.size()) : "");
    if (!is_there) continue;
    model.input(names.back(), input.dtype);
    given.push_back(input);
  }
  const std::vector<DType> dtypes =
      node.outputs.empty() ? std::vector{node.inputs.at(0).dtype} : node.outputs;
  for (const DType dtype : dtypes) {
    outputs.push_back("y" + std::to_string(outputs.size()));
    model.output(outputs.back(), dtype);
  }
  const NodeBuilder builder = model.node(node.op_type, names, outputs, "tested");
  if (node.attributes) node.attributes(builder);
  return Session(model.bytes(), {.options = node.options}).run(given);
}

inline Value run(const NodeCase& node) { return run_all(node).at(0); }

/// The text of the failure, and its code if it is not the expected one.
inline std::string failure(const NodeCase& node, xpurt_status code = XPURT_INVALID_ARGUMENT) {
  try {
    run_all(node);
  } catch (const Failed& failed) {
    return (failed.code == code ? "" : "code " + std::to_string(failed.code) + ": ") +
           failed.what();
  }
  return "no failure";
}

inline Value nothing() { return {}; }
inline Value bools(std::vector<int64_t> shape, const std::vector<uint8_t>& values) {
  return make(DType::kBool, std::move(shape), values);
}

inline void expect_floats(const Value& value, const std::vector<int64_t>& shape,
                          const std::vector<float>& expected) {
  ASSERT_EQ(value.dtype, DType::kFloat);
  EXPECT_EQ(value.shape, shape);
  EXPECT_THAT(values_of<float>(value), ::testing::Pointwise(::testing::FloatNear(1e-6f), expected));
}
inline void expect_ints(const Value& value, const std::vector<int64_t>& shape,
                        const std::vector<int64_t>& expected) {
  ASSERT_EQ(value.dtype, DType::kInt64);
  EXPECT_EQ(value.shape, shape);
  EXPECT_EQ(values_of<int64_t>(value), expected);
}

}  // namespace xpuruntime::reference::testing
