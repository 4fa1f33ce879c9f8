// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "onnx_models.h"

namespace xpuruntime::conformance {
namespace {

Source executorch_file(const std::string& name) {
  return Source::path(XPURT_EXECUTORCH_MODELS "/" + name + ".pte");
}

/// Those of the models that tests/torch_models makes as programs, whose batch is from 1 to 64.
EngineUnderTest executorch_engine() {
  EngineUnderTest engine = onnx_engine("executorch", XPURT_EXECUTORCH_PLUGIN);
  constexpr const char* kMade[] = {"mlp",    "add",          "matmul_static",
                                   "scalar", "reshape_view", "multi_io"};
  std::erase_if(engine.models, [&](const TestModel& model) {
    return std::ranges::find(kMade, model.name) == std::end(kMade);
  });
  for (TestModel& model : engine.models) {
    model.source = executorch_file(model.name);
    std::erase_if(model.examples,
                  [](const Example& example) { return example.inputs[0].bytes() == 0; });
  }
  engine.data_dependent.reset();
  engine.failing.reset();
  engine.slow_load = executorch_file("mlp");
  engine.inner_values.reset();
  engine.malformed = {
      {"an ONNX model", Source::path(XPURT_TEST_DATA_DIR "/mlp.onnx")},
      {"the same as bytes", Source::path(XPURT_TEST_DATA_DIR "/mlp.onnx").as_bytes()}};
  engine.unsupported.clear();
  engine.lacks = {
      {Feature::kEmptyDims, "sizes of a program begin at 1"},
      {Feature::kDataDependent, "shapes of a program depend on shapes alone"},
      {Feature::kGive, "outputs are made in planned memory, or in the host's"},
      {Feature::kFailing, "no program of tests/torch_models fails in a run"},
      {Feature::kCancel, "ExecuTorch has no call that ends a run"},
      {Feature::kStart, "it has no asynchronous runs"},
      {Feature::kState, "no program of tests/torch_models keeps state"},
      {Feature::kSave, "it does not save models"},
      {Feature::kInnerValues, "it shows no values but a model's outputs"},
      {Feature::kStreams, "runs have ended when they return"},
  };
  return engine;
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(executorch, xpuruntime::conformance::executorch_engine);
