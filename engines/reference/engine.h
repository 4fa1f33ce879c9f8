// SPDX-License-Identifier: Apache-2.0
/// The engine `reference`: a plain interpreter of ONNX graphs, which other engines are compared
/// with and sanitizers run.
#pragma once

#include <memory>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::reference {

class ReferenceEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "reference";

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;
};

}  // namespace xpuruntime::reference
