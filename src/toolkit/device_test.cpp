// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>

#include "onnx/schema.h"
#include "toolkit/devices.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

constexpr int64_t kSize = 64;

void set_type(::onnx::ValueInfoProto& value, const char* name) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(::onnx::TensorProto::FLOAT);
  for (int i = 0; i < 2; ++i) tensor.mutable_shape()->add_dim()->set_dim_value(kSize);
}

void add_node(::onnx::GraphProto& graph, const char* op_type, std::initializer_list<const char*> in,
              const char* out) {
  auto& node = *graph.add_node();
  node.set_op_type(op_type);
  for (const char* name : in) node.add_input(name);
  node.add_output(out);
}

/// y = h h, where h is Relu(x): of operators and versions that every engine has.
std::string square_model() {
  ::onnx::ModelProto model;
  model.set_ir_version(7);
  model.add_opset_import()->set_version(13);
  auto& graph = *model.mutable_graph();
  graph.set_name("square");
  set_type(*graph.add_input(), "x");
  set_type(*graph.add_output(), "y");
  add_node(graph, "Relu", {"x"}, "h");
  add_node(graph, "MatMul", {"h", "h"}, "y");
  return model.SerializeAsString();
}

std::string run_square(const std::string& engine, Device device) {
  const std::string model = square_model();
  const InferenceSession session(std::as_bytes(std::span(model)),
                                 {.engine = engine, .device = to_string(device), .cache_dir = ""});
  Tensor x(DType::kFloat32, {kSize, kSize});
  // Columns of 1 and of -1 in turns; whole numbers are exact in every precision.
  const auto filled = x.mutable_values<float>();
  for (size_t i = 0; i < filled.size(); ++i) filled[i] = i % 2 == 0 ? 1.0F : -1.0F;
  const Tensor y = session.run({{"x", x}}).at("y");
  const auto values = y.values<float>();
  for (size_t i = 0; i < values.size(); ++i) {
    const float expected = i % 2 == 0 ? kSize / 2 : 0;
    if (values[i] == expected) continue;
    return "a product of matrices is wrong: expected " + std::to_string(expected) + ", got " +
           std::to_string(values[i]);
  }
  return "";
}

}  // namespace

DeviceTest test_device(const EngineStatus& engine, Device device) {
  DeviceTest test{.engine = engine.name};
  if (std::ranges::find(engine.formats, "onnx") == engine.formats.end()) {
    test.reason = "the model of the test is ONNX, which this engine does not load";
    return test;
  }
  try {
    test.reason = run_square(engine.name, device);
  } catch (const XpuRuntimeError& error) {
    test.reason = std::string(error.name()) + ": " + error.what();
  }
  test.result = test.reason.empty() ? DeviceTestResult::kPassed : DeviceTestResult::kFailed;
  return test;
}

}  // namespace xpuruntime::toolkit
