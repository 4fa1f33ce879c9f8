// SPDX-License-Identifier: Apache-2.0
#include "onnx_models.h"

namespace xpuruntime::conformance {
namespace {

EngineUnderTest reference_engine() {
  EngineUnderTest engine = onnx_engine("reference", XPURT_REFERENCE_PLUGIN);
  engine.lacks[Feature::kGive] = "it writes all outputs into the host's memory";
  engine.wrong_options = {
      {"kernel_policy", "eigen"}, {"memory_limit", "much"}, {"memory_limit", "-1"}};
  return engine;
}

}  // namespace
}  // namespace xpuruntime::conformance

XPURT_CONFORMANCE(reference, xpuruntime::conformance::reference_engine);
