// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "handle.h"
#include "shape_rule.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// A session and what its Contexts need to know of it. Immutable and shared with them.
struct LoadedModel {
  Session session;
  engine::ModelSpec spec;
  MemoryInfo host_memory;
  std::vector<ShapeRule> rules;       ///< one an output
  std::vector<int32_t> copied_input;  ///< one an output: the input that it is, or -1
  std::vector<std::pair<std::string, std::string>> run_config;
  bool is_on_host = true;    ///< all memory of a run is the host's: bindings may be kept
  bool is_profiled = false;  ///< runs tell of their nodes
  std::string refusal;       ///< why it cannot run; empty: it can
};

class OnnxModel : public engine::Model {
 public:
  /// Throws as the error table says: MODEL_NOT_FOUND, INVALID_ARGUMENT for a file that is no model,
  /// UNSUPPORTED_OPERATION for an operator or option, UNAVAILABLE for the device.
  explicit OnnxModel(const engine::LoadArgs& args);

  const engine::ModelSpec& spec() const override { return loaded_->spec; }
  std::unique_ptr<engine::Context> create_context() override;
  /// Lives as long as this or a Context does.
  OrtSession* session() const { return loaded_->session.get(); }

 private:
  std::shared_ptr<LoadedModel> loaded_;
};

}  // namespace xpuruntime::onnxrt
