// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "context_pool.h"
#include "loaded_model.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

/// What a session and its bindings share.
class SessionState {
 public:
  SessionState(const ModelSource& source, const SessionConfig& config);

  /// A Context for one run; says in `report` how long that took. Throws InvalidStateError (closed),
  /// UnsupportedOperationError (the model takes or gives something other than tensors).
  ContextPool::Lease lease(RunReport* report);
  /// Runs a frame whose inputs are set. Throws unless the run succeeded, and then the frame holds
  /// no output.
  void execute(ContextPool::Lease& lease, RunFrame& frame, RunReport* report);

  size_t input_index(std::string_view name) const;   ///< Throws InvalidArgumentError.
  size_t output_index(std::string_view name) const;  ///< Throws InvalidArgumentError.
  MemoryPool::State& memory_state() noexcept { return *memory.state_; }

  ModelInfo info;  // a copy: close() frees the model's
  SessionReport report;
  std::string where;  // "engine onnxrt, model a.onnx"
  NamedTensors::Names input_names;
  NamedTensors::Names output_names;
  uint32_t input_alignment = 1;
  MemoryPool memory;
  std::unique_ptr<ContextPool> contexts;

 private:
  bool tensors_only_ = true;
};

}  // namespace xpuruntime
