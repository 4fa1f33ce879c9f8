// SPDX-License-Identifier: Apache-2.0
#include "executorch_engine.h"

#include "model.h"

namespace xpuruntime::executorch_engine {

const engine::EngineSpec& ExecuTorchEngine::spec() {
  static const auto* const spec = new engine::EngineSpec{
      .name = kName,
      .version = XPURT_EXECUTORCH_VERSION,
      .adapter_version = XPURT_ENGINE_VERSION,
      .traits = XPURT_TRAIT_PROCESS_THREADS,
      .formats = {"pte"},
      .devices = {{XPURT_DEVICE_CPU, 0}},
  };
  return *spec;
}

std::unique_ptr<engine::Model> ExecuTorchEngine::load(const engine::LoadArgs& args) {
  return std::make_unique<ExecuTorchModel>(args);
}

}  // namespace xpuruntime::executorch_engine
