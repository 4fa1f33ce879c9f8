// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "model_notes/model_notes.h"
#include "program.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::executorch_engine {

/// A loaded program and what its Contexts need to know of it. Immutable, and shared with them.
struct LoadedModel {
  std::shared_ptr<const Program> program;
  engine::ModelSpec spec;
  std::vector<model_notes::TensorNote> inputs;  ///< with the bounds of the program
  /// One for each input: the program has memory of its own for it, and copies.
  std::vector<bool> is_input_planned;
  struct Output {
    bool is_planned;  ///< it is made in the program's memory, and copied from there
    uint64_t most_bytes;
  };
  std::vector<Output> outputs;
};

class ExecuTorchModel : public engine::Model {
 public:
  /// Throws as the error table says: MODEL_NOT_FOUND, INVALID_ARGUMENT for what is no program,
  /// UNSUPPORTED_OPERATION for operators and backends that are not there, UNAVAILABLE for a device
  /// other than the CPU, INVALID_STATE where other sessions run with another number of threads.
  explicit ExecuTorchModel(const engine::LoadArgs& args);

  const engine::ModelSpec& spec() const override { return loaded_->spec; }
  std::unique_ptr<engine::Context> create_context() override;

 private:
  std::shared_ptr<const LoadedModel> loaded_;
};

}  // namespace xpuruntime::executorch_engine
