// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "onnx_models.h"

namespace xpuruntime::conformance {
namespace {

Source torch_file(const std::string& name) {
  return Source::path(XPURT_TORCH_MODELS "/" + name + ".pt");
}

/// The same models as TorchScript: tests/torch_models makes them.
EngineUnderTest torch_engine() {
  EngineUnderTest engine = onnx_engine("torch", XPURT_TORCH_PLUGIN);
  for (TestModel& model : engine.models) model.source = torch_file(model.name);
  engine.data_dependent->source = torch_file("nonzero");
  engine.failing->model.source = torch_file("fill");
  engine.failing->code = XPURT_ENGINE;
  engine.failing->text = "torch: ";
  engine.slow_load = torch_file("mlp");
  engine.inner_values.reset();
  const auto row = [](float a, float b) { return Tensor::of<float>({1, 2}, {a, b}); };
  engine.stateful = TestModel{
      "accumulate",
      torch_file("accumulate"),
      {{"x", XPURT_FLOAT, {1, 2}}},
      {{"y", XPURT_FLOAT, {1, 2}}},
      {{{row(1, 2)}, {row(1, 2)}}, {{row(3, -1)}, {row(4, 1)}}, {{row(0, 5)}, {row(4, 6)}}}};
  engine.malformed = {
      {"an ONNX model", Source::path(XPURT_TEST_DATA_DIR "/mlp.onnx")},
      {"a zip file of something else", Source::path(XPURT_TEST_DATA_DIR "/digits_heldout.npz")}};
  engine.unsupported = {{"weights alone", torch_file("weights")},
                        {"weights in the form before 1.6", torch_file("old_weights")},
                        {"an exported program", Source::path(XPURT_TORCH_MODELS "/exported.pt2")},
                        {"a list of any length", torch_file("any_length")},
                        {"a number as input", torch_file("takes_number")}};
  engine.wrong_options = {{"precision", "fp64"}, {"memory_fraction", "2"}};
  engine.lacks = {
      {Feature::kReserve, "torch allocates outputs itself"},
      {Feature::kCancel, "torch has no call that ends a run"},
      {Feature::kStart, "it has no asynchronous runs"},
      {Feature::kSave, "it does not save models"},
      {Feature::kInnerValues, "it shows no values but a model's outputs"},
      {Feature::kStreams, "runs have ended when they return"},
  };
  return engine;
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(torch, xpuruntime::conformance::torch_engine);
