// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <openvino/runtime/compiled_model.hpp>

#include "compiled_blob.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// In which thread OpenVINO runs. With one thread in all, it has a short way through the caller's
/// thread (seen with 2026.4.1), on which exceptions of a run are lost and it cannot be cancelled.
enum class RunMode {
  kHere,         ///< in the caller's: there are more threads, and no short way
  kHereIfShort,  ///< the same, by the short way while runs are short: this graph does not throw
  kElsewhere,    ///< in OpenVINO's: a graph of dynamic shapes may throw in each run
};

/// A compiled model and what its Contexts need to know of it. Immutable and shared with them.
struct LoadedModel {
  mutable ov::CompiledModel compiled;  ///< its functions may be called on any thread
  engine::ModelSpec spec;
  SavedNotes notes;
  RunMode run_mode = RunMode::kHere;
  bool is_on_host = true;  ///< a device without memory of its own runs it
};

class OpenVinoModel : public engine::Model {
 public:
  /// Throws as the error table says: MODEL_NOT_FOUND, INVALID_ARGUMENT for a file that is no model,
  /// UNSUPPORTED_OPERATION for an operator or option, UNAVAILABLE for the device.
  explicit OpenVinoModel(const engine::LoadArgs& args);

  const engine::ModelSpec& spec() const override { return loaded_->spec; }
  std::unique_ptr<engine::Context> create_context() override;
  void save(const engine::Writer& writer) override;
  /// Lives as long as this or a Context does.
  ov::CompiledModel& compiled() const { return loaded_->compiled; }

 private:
  std::shared_ptr<LoadedModel> loaded_;
};

}  // namespace xpuruntime::openvino
