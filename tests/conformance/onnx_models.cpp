// SPDX-License-Identifier: Apache-2.0
#include "onnx_models.h"

#include <cmath>

namespace xpuruntime::conformance {
namespace {

Source file(const std::string& name) {
  return Source::path(XPURT_TEST_DATA_DIR "/" + name + ".onnx");
}

/// As in make_models.py: -3, -2 ... 3, -3 ...
float counting(size_t i) { return static_cast<float>(i % 7) - 3; }

Tensor counted(std::vector<int64_t> shape, float scale = 1) {
  Tensor tensor(XPURT_FLOAT, std::move(shape));
  for (size_t i = 0; i < tensor.as<float>().size(); ++i)
    tensor.as<float>()[i] = counting(i) * scale;
  return tensor;
}

/// x [n, in] times weight [in, out] plus bias, in double.
Tensor dense(const Tensor& x, const Tensor& weight, const Tensor* bias, bool relu) {
  const int64_t rows = x.shape()[0];
  const auto inner = static_cast<size_t>(weight.shape()[0]);
  const auto columns = static_cast<size_t>(weight.shape()[1]);
  Tensor y(XPURT_FLOAT, {rows, weight.shape()[1]});
  for (size_t r = 0; r < static_cast<size_t>(rows); ++r) {
    for (size_t c = 0; c < columns; ++c) {
      double sum = bias != nullptr ? bias->as<float>()[c] : 0;
      for (size_t k = 0; k < inner; ++k) {
        sum += static_cast<double>(x.as<float>()[r * inner + k]) *
               static_cast<double>(weight.as<float>()[k * columns + c]);
      }
      y.as<float>()[r * columns + c] = static_cast<float>(relu ? std::max(sum, 0.0) : sum);
    }
  }
  return y;
}

Example mlp_example(int64_t batch) {
  const Tensor x = counted({batch, 16}, 0.25F);
  const Tensor bias0 = counted({8}, 0.125F);
  const Tensor bias1 = counted({4}, 0.125F);
  const Tensor hidden = dense(x, counted({16, 8}, 0.125F), &bias0, true);
  return {{x}, {dense(hidden, counted({8, 4}, 0.125F), &bias1, false)}};
}

TestModel mlp() {
  return {"mlp",
          file("mlp"),
          {{"x", XPURT_FLOAT, {-1, 16}}},
          {{"y", XPURT_FLOAT, {-1, 4}}},
          {mlp_example(1), mlp_example(3), mlp_example(64), mlp_example(0)},
          1e-5};
}

TestModel matmul() {
  const Tensor x = counted({4, 8});
  return {"matmul_static",
          file("matmul_static"),
          {{"x", XPURT_FLOAT, {4, 8}}},
          {{"y", XPURT_FLOAT, {4, 3}}},
          {{{x}, {dense(x, counted({8, 3}), nullptr, false)}}},
          1e-5};
}

TestModel add() {
  const Tensor x = counted({2, 3});
  return {"add",
          file("add"),
          {{"x", XPURT_FLOAT, {2, 3}}, {"y", XPURT_FLOAT, {2, 3}}},
          {{"z", XPURT_FLOAT, {2, 3}}},
          {{{x, counted({2, 3}, 10)}, {counted({2, 3}, 11)}}}};
}

TestModel scalar() {
  return {"scalar",
          file("scalar"),
          {{"x", XPURT_FLOAT, {}}},
          {{"y", XPURT_FLOAT, {}}},
          {{{Tensor::of<float>({}, {4})}, {Tensor::of<float>({}, {-4})}}}};
}

TestModel reshape_view() {
  return {"reshape_view",
          file("reshape_view"),
          {{"x", XPURT_FLOAT, {-1, 3}}},
          {{"y", XPURT_FLOAT, {-1}}},
          {{{counted({2, 3})}, {counted({6})}}, {{counted({5, 3})}, {counted({15})}}}};
}

TestModel constant_output() {
  return {"constant_output",
          file("constant_output"),
          {{"x", XPURT_FLOAT, {4}}},
          {{"y", XPURT_FLOAT, {4}}, {"weight", XPURT_FLOAT, {4}}},
          {{{Tensor::of<float>({4}, {-1, 1, -2, 2})},
            {Tensor::of<float>({4}, {0, 1, 0, 2}), counted({4})}}}};
}

TestModel multi_io() {
  return {
      "multi_io",
      file("multi_io"),
      {{"values", XPURT_FLOAT, {-1, 4}}, {"offset", XPURT_INT64, {4}}},
      {{"shifted", XPURT_FLOAT, {-1, 4}},
       {"best", XPURT_INT64, {-1}},
       {"positive", XPURT_BOOL, {-1, 4}}},
      {{{Tensor::of<float>({2, 4}, {1, 2, 3, 4, 8, 7, 6, 5}),
         Tensor::of<int64_t>({4}, {0, -2, -4, -8})},
        {Tensor::of<float>({2, 4}, {1, 0, -1, -4, 8, 5, 2, -3}), Tensor::of<int64_t>({2}, {0, 0}),
         Tensor::of<bool>({2, 4}, {true, false, false, false, true, true, true, false})}}}};
}

TestModel identity(const std::string& name, int32_t dtype) {
  Tensor values(dtype, {6});
  // 0 and 1 in every byte: a bool is nothing else, and no float made of them is a NaN.
  for (uint64_t i = 0; i < values.bytes(); ++i) values.data()[i] = static_cast<std::byte>(i & 1);
  return {"identity_" + name,
          file("identity_" + name),
          {{"x", dtype, {-1}}},
          {{"y", dtype, {-1}}},
          {{{values}, {values.clone()}}, {{Tensor(dtype, {0})}, {Tensor(dtype, {0})}}}};
}

Example filled(int64_t rows, int64_t columns) {
  const std::vector<float> zeros(static_cast<size_t>(rows * columns), 0);
  return {{Tensor::of<int64_t>({2}, {rows, columns})}, {Tensor::of<float>({rows, columns}, zeros)}};
}

TestModel fill() {
  return {"fill",
          file("fill"),
          {{"shape", XPURT_INT64, {2}}},
          {{"y", XPURT_FLOAT, {-1, -1}}},
          {filled(2, 3), filled(0, 5), filled(100, 70), filled(1, 1)}};
}

Example found(const std::vector<float>& values) {
  std::vector<int64_t> indices;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0) indices.push_back(static_cast<int64_t>(i));
  }
  return {{Tensor::of<float>({static_cast<int64_t>(values.size())}, values)},
          {Tensor::of<int64_t>({1, static_cast<int64_t>(indices.size())}, indices)}};
}

TestModel nonzero() {
  return {"nonzero",
          file("nonzero"),
          {{"x", XPURT_FLOAT, {-1}}},
          {{"y", XPURT_INT64, {1, -1}}},
          {found({0, 1, 0}), found(std::vector<float>(5000, 1)), found({1, 0, 1}), found({0, 0}),
           found({})}};
}

/// A run whose shape input is negative fails, in each engine with words of its own.
TestModel fill_with_negative_size() {
  TestModel model = fill();
  model.examples = {{{Tensor::of<int64_t>({2}, {-1, 3})}, {}}};
  return model;
}

/// The hidden layer before its activation.
InnerValues hidden() {
  InnerValues inner{mlp(), {"hidden"}};
  const Tensor bias = counted({8}, 0.125F);
  Example& example = inner.model.examples.at(0);
  example.outputs.push_back(dense(example.inputs[0], counted({16, 8}, 0.125F), &bias, false));
  return inner;
}

}  // namespace

EngineUnderTest onnx_engine(const std::string& name, const std::string& plugin) {
  EngineUnderTest engine{
      .name = name,
      .plugin = Plugin::open(plugin),
      .models = {mlp(), add(), matmul(), scalar(), reshape_view(), constant_output(), multi_io(),
                 fill()},
      .data_dependent = nonzero(),
      .failing = FailingModel{fill_with_negative_size(), XPURT_INVALID_ARGUMENT, ""},
      .slow_load = file("digits"),
      .inner_values = hidden(),
      .unsupported = {{"an operator that nobody has", file("unsupported_op")}}};
  const std::pair<const char*, int32_t> dtypes[] = {
      {"bool", XPURT_BOOL},       {"int8", XPURT_INT8},         {"int16", XPURT_INT16},
      {"int32", XPURT_INT32},     {"int64", XPURT_INT64},       {"uint8", XPURT_UINT8},
      {"uint16", XPURT_UINT16},   {"uint32", XPURT_UINT32},     {"uint64", XPURT_UINT64},
      {"float16", XPURT_FLOAT16}, {"bfloat16", XPURT_BFLOAT16}, {"float32", XPURT_FLOAT},
      {"float64", XPURT_DOUBLE}};
  for (const auto& [dtype_name, dtype] : dtypes) {
    engine.models.push_back(identity(dtype_name, dtype));
  }
  for (const char* wrong : {"empty", "truncated", "not_onnx", "undefined_value", "cyclic",
                            "huge_dim", "huge_product", "negative_dim"}) {
    engine.malformed.emplace_back(wrong, file(std::string("wrong/") + wrong));
    engine.malformed.emplace_back(wrong, engine.malformed.back().second.as_bytes());
  }
  engine.lacks = {
      {Feature::kCancel,
       "no ONNX file of tests/data runs until it is cancelled; its own tests do it"},
      {Feature::kStart, "it has no asynchronous runs"},
      {Feature::kState, "ONNX models keep no state"},
      {Feature::kSave, "it does not save models"},
      {Feature::kStreams, "it runs on the CPU, where a run has ended when it returns"},
  };
  return engine;
}

}  // namespace xpuruntime::conformance
