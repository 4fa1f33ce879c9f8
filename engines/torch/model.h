// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "program.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

class TorchModel : public engine::Model {
 public:
  /// Throws as the error table says: MODEL_NOT_FOUND, INVALID_ARGUMENT for a file that is no model,
  /// UNSUPPORTED_OPERATION for one that torch has but this engine does not run, UNAVAILABLE for the
  /// device, INVALID_STATE where other sessions run with another number of threads.
  explicit TorchModel(const engine::LoadArgs& args);

  const engine::ModelSpec& spec() const override { return loaded_->spec; }
  std::unique_ptr<engine::Context> create_context() override;

 private:
  std::shared_ptr<const LoadedModel> loaded_;
};

}  // namespace xpuruntime::torch_engine
