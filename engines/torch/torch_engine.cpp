// SPDX-License-Identifier: Apache-2.0
#include "torch_engine.h"

#include "devices.h"
#include "model.h"
#include "options.h"

namespace xpuruntime::torch_engine {

const engine::EngineSpec& TorchEngine::spec() {
  const std::lock_guard lock(mutex_);
  if (!spec_) {
    engine::EngineSpec spec;
    spec.name = kName;
    spec.version = XPURT_TORCH_VERSION;
    spec.adapter_version = XPURT_ENGINE_VERSION;
    spec.formats = {"pt", "ts", "pt2"};
    spec.options = option_specs();
    spec.traits = XPURT_TRAIT_PROCESS_THREADS;
    spec.devices = devices();
    spec_ = std::move(spec);
  }
  return *spec_;
}

std::unique_ptr<engine::Model> TorchEngine::load(const engine::LoadArgs& args) {
  return std::make_unique<TorchModel>(args);
}

}  // namespace xpuruntime::torch_engine
