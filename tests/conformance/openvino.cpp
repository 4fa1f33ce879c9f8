// SPDX-License-Identifier: Apache-2.0
#include "onnx_models.h"

namespace xpuruntime::conformance {
namespace {

/// The sum of all inputs since the state was new.
TestModel accumulate() {
  const auto row = [](float a, float b) { return Tensor::of<float>({1, 2}, {a, b}); };
  return {"accumulate",
          Source::path(XPURT_OPENVINO_TEST_DATA_DIR "/accumulate.xml"),
          {{"x", XPURT_FLOAT, {1, 2}}},
          {{"y", XPURT_FLOAT, {1, 2}}},
          {{{row(1, 2)}, {row(1, 2)}}, {{row(3, -1)}, {row(4, 1)}}, {{row(0, 5)}, {row(4, 6)}}}};
}

EngineUnderTest openvino_engine() {
  EngineUnderTest engine = onnx_engine("openvino", XPURT_OPENVINO_PLUGIN);
  engine.lacks.erase(Feature::kSave);
  engine.lacks.erase(Feature::kState);
  engine.stateful = accumulate();
  std::erase_if(engine.models, [](const TestModel& model) {
    // OpenVINO's CPU device computes in 32 bits where a model says 64, and copies so too.
    return model.name == "identity_int64";
  });
  engine.lacks[Feature::kGive] = "OpenVINO writes into the host's memory";
  engine.lacks[Feature::kDeadline] = "it does not look at deadlines";
  engine.wrong_options = {{"precision", "fp64"}, {"streams", "-1"}, {"device_name", "CPU"}};
  engine.failing->code = XPURT_ENGINE;
  engine.failing->text = "OpenVINO: ";
  return engine;
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(openvino, xpuruntime::conformance::openvino_engine);
