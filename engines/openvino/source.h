// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <string>
#include <utility>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// What an ONNX file says of itself and OpenVINO does not keep.
struct ModelNotes {
  using DimNames = std::vector<std::string>;

  int64_t opset = 0;
  std::string producer;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<std::pair<std::string, DimNames>> dim_names;  ///< by input or output
};

/// A model as it was read, with extra outputs and shape profiles in it; to be compiled.
struct SourceModel {
  std::shared_ptr<ov::Model> model;
  std::vector<std::string> output_names;
  ModelNotes notes;
};

/// Reads an ONNX or IR model from a file or from bytes. Throws XPURT_MODEL_NOT_FOUND,
/// XPURT_INVALID_ARGUMENT for what is no model or for a name that it does not have, and
/// XPURT_UNSUPPORTED_OPERATION for operators that OpenVINO lacks.
SourceModel read_source(const engine::LoadArgs& args);

/// What was loaded, for messages.
std::string source_name(const engine::LoadArgs& args);

/// The tensor's name: of several, the one that the node has too, else the first in order; the
/// node's own where there is none.
std::string tensor_name(const ov::Output<const ov::Node>& output);

}  // namespace xpuruntime::openvino
