// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <executorch/runtime/core/exec_aten/exec_aten.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::executorch_engine {

/// A method of the program with memory of its own.
class ExecuTorchContext : public engine::Context {
 public:
  explicit ExecuTorchContext(std::shared_ptr<const LoadedModel> model);

  void run(const engine::RunArgs& args) override;

 private:
  /// Where the program writes an output that it planned no memory for.
  struct Target {
    void* reserved = nullptr;    ///< the host's; null: it is copied there
    std::vector<std::byte> own;  ///< where the host's is too small for what it may become
  };
  void set_input(const engine::RunArgs& args, uint32_t i);
  void set_output(const engine::RunArgs& args, uint32_t i);
  void commit(const engine::RunArgs& args, uint32_t i);

  const std::shared_ptr<const LoadedModel> model_;
  LoadedMethod method_;
  std::vector<Target> targets_;  ///< one for each output
};

}  // namespace xpuruntime::executorch_engine
