// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::executorch_engine {

/// ExecuTorch through its C++ runtime. Thread-safe.
class ExecuTorchEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "executorch";

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;
};

}  // namespace xpuruntime::executorch_engine
