// SPDX-License-Identifier: Apache-2.0
#include "onnx_models.h"

namespace xpuruntime::conformance {
namespace {

EngineUnderTest onnxrt_engine() {
  EngineUnderTest engine = onnx_engine("onnxrt", XPURT_ONNXRT_PLUGIN);
  engine.lacks[Feature::kInnerValues] = "ONNX Runtime shows no values but a model's outputs";
  engine.lacks[Feature::kDeadline] = "it does not look at deadlines";
  engine.wrong_options = {{"inter_op_threads", "many"}, {"execution_mode", "sideways"}};
  engine.failing->code = XPURT_ENGINE;
  engine.failing->text = "ONNX Runtime: ";
  return engine;
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(onnxrt, xpuruntime::conformance::onnxrt_engine);
