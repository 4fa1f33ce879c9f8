// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "program.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// Wraps inputs where they lie, and gives outputs as torch made them.
class TorchContext : public engine::Context {
 public:
  explicit TorchContext(std::shared_ptr<const LoadedModel> model);

  void run(const engine::RunArgs& args) override;
  void reset() override;

 private:
  std::vector<at::Tensor> take_inputs(const engine::RunArgs& args) const;
  at::Tensor take_input(const engine::RunArgs& args, uint32_t i) const;
  void hand_out(const engine::RunArgs& args, uint32_t i, at::Tensor output) const;

  const std::shared_ptr<const LoadedModel> model_;
  std::shared_ptr<Program> program_;  ///< the model's, or one with a state of its own
};

}  // namespace xpuruntime::torch_engine
