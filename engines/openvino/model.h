// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <openvino/runtime/compiled_model.hpp>

#include "compiled_blob.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// A compiled model and what its Contexts need to know of it. Immutable and shared with them.
struct LoadedModel {
  mutable ov::CompiledModel compiled;  ///< its functions may be called on any thread
  engine::ModelSpec spec;
  SavedNotes notes;
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
