// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// PyTorch through its C++ API: TorchScript files and packages of AOTInductor. Thread-safe.
class TorchEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "torch";

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;

 private:
  std::mutex mutex_;
  std::optional<engine::EngineSpec> spec_;
};

}  // namespace xpuruntime::torch_engine
