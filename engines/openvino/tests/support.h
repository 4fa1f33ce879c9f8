// SPDX-License-Identifier: Apache-2.0
/// The engine in this program, behind its C tables, and the models of its tests.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "conformance_host.h"
#include "openvino_engine.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::openvino {

using conformance::LoadOptions;
using conformance::Outcome;
using conformance::Sink;
using conformance::Source;
using conformance::Tensor;

inline const conformance::Plugin& plugin() {
  static const auto* const opened = new conformance::Plugin(engine::plugin<OpenVinoEngine>());
  return *opened;
}

/// A model of tests/data.
inline Source shared_model(const std::string& name) {
  return Source::path(XPURT_TEST_DATA_DIR "/" + name + ".onnx");
}

/// An ONNX model of the engines' own tests.
inline Source onnx_model(const std::string& name) {
  return Source::path(XPURT_ONNX_TEST_DATA_DIR "/" + name + ".onnx");
}

/// A file of this engine's tests.
inline Source own_model(const std::string& file) {
  return Source::path(XPURT_OPENVINO_TEST_DATA_DIR "/" + file);
}

inline LoadOptions with(std::vector<std::pair<std::string, std::string>> options) {
  LoadOptions load;
  load.options = std::move(options);
  return load;
}

/// How loading ends that fails; fails itself when it succeeds.
inline Outcome refusal(const Source& source, const LoadOptions& options = {}) {
  xpurt_model* model = nullptr;
  Outcome outcome = plugin().try_load(source, options, &model);
  if (model != nullptr) {
    plugin().engine()->model_release(model);
    throw std::runtime_error("it was loaded");
  }
  return outcome;
}

inline Tensor floats(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<int64_t>(values.size())}, values);
}

inline std::vector<float> values_of(const Tensor& tensor) {
  const auto values = tensor.as<float>();
  return {values.begin(), values.end()};
}

}  // namespace xpuruntime::openvino
