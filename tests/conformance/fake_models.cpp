// SPDX-License-Identifier: Apache-2.0
#include "fake_models.h"

#include "fake_engine.h"

namespace xpuruntime::conformance {
namespace {

Source program(const std::string& lines) { return Source::bytes("fake\n" + lines + "end\n"); }

Tensor floats(std::vector<int64_t> shape, const std::vector<float>& values) {
  return Tensor::of<float>(std::move(shape), values);
}

TestModel scale() {
  return {
      "scale",
      program("input x float32 N 4\noutput y float32 N 4\ny = scale x 2\n"),
      {{"x", XPURT_FLOAT, {-1, 4}}},
      {{"y", XPURT_FLOAT, {-1, 4}}},
      {{{floats({1, 4}, {1, -2, 3, 0.5})}, {floats({1, 4}, {2, -4, 6, 1})}},
       {{floats({2, 4}, {0, 1, 2, 3, 4, 5, 6, 7})}, {floats({2, 4}, {0, 2, 4, 6, 8, 10, 12, 14})}},
       {{floats({0, 4}, {})}, {floats({0, 4}, {})}}}};
}

TestModel fake_add() {
  return {"add",
          program("input a float64 3\ninput b float64 3\noutput c float64 3\nc = add a b\n"),
          {{"a", XPURT_DOUBLE, {3}}, {"b", XPURT_DOUBLE, {3}}},
          {{"c", XPURT_DOUBLE, {3}}},
          {{{Tensor::of<double>({3}, {1, 2, 3}), Tensor::of<double>({3}, {10, 20, 30})},
            {Tensor::of<double>({3}, {11, 22, 33})}}}};
}

/// Every way that a result goes, in one run.
TestModel all_homes() {
  const Tensor a = floats({2}, {1, 2});
  const Tensor b = floats({1}, {3});
  return {"all_homes",
          program("input a float32 2\ninput b float32 1\n"
                  "output together float32 3\noutput total float32\noutput own float32 2\n"
                  "output view float32 1\noutput weights float32 2\n"
                  "together = concat a b\ntotal = sum together\nown = give a\n"
                  "view = give_input b\nweights = weights 7 8\n"),
          {{"a", XPURT_FLOAT, {2}}, {"b", XPURT_FLOAT, {1}}},
          {{"together", XPURT_FLOAT, {3}},
           {"total", XPURT_FLOAT, {}},
           {"own", XPURT_FLOAT, {2}},
           {"view", XPURT_FLOAT, {1}},
           {"weights", XPURT_FLOAT, {2}}},
          {{{a, b},
            {floats({3}, {1, 2, 3}), floats({}, {6}), a.clone(), b.clone(), floats({2}, {7, 8})}}}};
}

TestModel in_place() {
  return {"in_place",
          program("input x float32 2\noutput y float32 2\ny = scale_in_place x -1\n"),
          {{"x", XPURT_FLOAT, {2}}},
          {{"y", XPURT_FLOAT, {2}}},
          {{{floats({2}, {4, 5})}, {floats({2}, {-4, -5})}}}};
}

TestModel fake_identity(const std::string& name, int32_t dtype) {
  Tensor values(dtype, {2, 3});
  for (uint64_t i = 0; i < values.bytes(); ++i) values.data()[i] = static_cast<std::byte>(i & 1);
  return {"identity_" + name,
          program("input x " + name + " -1 3\noutput y " + name + " -1 3\ny = identity x\n"),
          {{"x", dtype, {-1, 3}}},
          {{"y", dtype, {-1, 3}}},
          {{{values}, {values.clone()}}}};
}

Example fake_found(const std::vector<float>& values) {
  std::vector<int64_t> indices;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != 0) indices.push_back(static_cast<int64_t>(i));
  }
  return {{floats({static_cast<int64_t>(values.size())}, values)},
          {Tensor::of<int64_t>({1, static_cast<int64_t>(indices.size())}, indices)}};
}

TestModel fake_nonzero() {
  return {"nonzero",
          program("input x float32 -1\noutput y int64 1 -1\ny = nonzero x\n"),
          {{"x", XPURT_FLOAT, {-1}}},
          {{"y", XPURT_INT64, {1, -1}}},
          {fake_found({0, 1, 0}), fake_found(std::vector<float>(5000, 1)), fake_found({1, 0, 1}),
           fake_found({0, 0}), fake_found({})}};
}

TestModel accumulate() {
  return {"accumulate",
          program("input x float32 2\noutput y float32 2\ny = accumulate x\n"),
          {{"x", XPURT_FLOAT, {2}}},
          {{"y", XPURT_FLOAT, {2}}},
          {{{floats({2}, {1, 2})}, {floats({2}, {1, 2})}},
           {{floats({2}, {1, 2})}, {floats({2}, {2, 4})}},
           {{floats({2}, {5, 5})}, {floats({2}, {7, 9})}}}};
}

TestModel with(TestModel model, const std::string& line) {
  model.source.content.insert(model.source.content.rfind("end"), line + "\n");
  return model;
}

InnerValues inner() {
  return {{"inner",
           program("input x float32 2\noutput y float32 2\nh = scale x 3\ny = scale h 2\n"),
           {{"x", XPURT_FLOAT, {2}}},
           {{"y", XPURT_FLOAT, {2}}},
           {{{floats({2}, {1, 2})}, {floats({2}, {6, 12}), floats({2}, {3, 6})}}}},
          {"h"}};
}

}  // namespace

EngineUnderTest fake_under_test(std::vector<std::pair<std::string, std::string>> options) {
  const Plugin plugin =
      Plugin::open(XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_fake.so", std::move(options));
  auto* const hooks = static_cast<fake::Hooks*>(
      const_cast<void*>(plugin.query()(fake::kHooksInterface, 1, host())));
  EngineUnderTest engine{
      .name = "fake",
      .plugin = plugin,
      .models = {scale(), fake_add(), all_homes(), in_place(), fake_nonzero(),
                 fake_identity("bool", XPURT_BOOL), fake_identity("int8", XPURT_INT8),
                 fake_identity("uint16", XPURT_UINT16), fake_identity("float16", XPURT_FLOAT16),
                 fake_identity("int32", XPURT_INT32), fake_identity("uint64", XPURT_UINT64)},
      .data_dependent = fake_nonzero(),
      .blocking =
          BlockingModel{with(scale(), "block"),
                        [hooks](bool block) { block ? hooks->gate.close() : hooks->gate.open(); }},
      .failing = FailingModel{with(all_homes(), "fail engine retryable native=7 \"half-way\""),
                              XPURT_ENGINE, "half-way"},
      .stateful = accumulate(),
      .slow_load = with(scale(), "load_steps 5").source,
      .inner_values = inner(),
      .malformed = {{"text", Source::bytes("this is not a model\n")},
                    {"binary", Source::bytes(std::string("\0\1\2\3", 4))},
                    {"an operand from nowhere", program("y = scale x 2\n")},
                    {"a bad number", program("opset nine\n")}},
      .unsupported = {{"an operator", program("y = mystery\n")},
                      {"a type", program("input x string 1\n")}},
      .wrong_options = {{"reserve_steps", "many"},
                        {"report_copies", "maybe"},
                        {"headroom", "-1"},
                        {"outputs", "elsewhere"}}};
  return engine;
}

}  // namespace xpuruntime::conformance
