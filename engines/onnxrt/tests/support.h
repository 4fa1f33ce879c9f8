// SPDX-License-Identifier: Apache-2.0
/// The engine in this program, behind its C tables, and the models of its tests.
#pragma once

#include <string>
#include <vector>

#include "conformance_host.h"
#include "onnx_engine.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::onnxrt {

using conformance::Source;
using conformance::Tensor;

inline const conformance::Plugin& plugin() {
  static const auto* const opened = new conformance::Plugin(engine::plugin<OnnxEngine>());
  return *opened;
}

/// A model of tests/data.
inline Source shared_model(const std::string& name) {
  return Source::path(XPURT_TEST_DATA_DIR "/" + name + ".onnx");
}

/// A model of this engine's tests.
inline Source own_model(const std::string& name) {
  return Source::path(XPURT_ONNXRT_TEST_DATA_DIR "/" + name + ".onnx");
}

/// How loading ends that fails; fails itself when it succeeds.
inline conformance::Outcome refusal(const Source& source,
                                    const conformance::LoadOptions& options = {}) {
  xpurt_model* model = nullptr;
  conformance::Outcome outcome = plugin().try_load(source, options, &model);
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

}  // namespace xpuruntime::onnxrt
