// SPDX-License-Identifier: Apache-2.0
/// The engine in this program, behind its C tables, and the models of its tests.
#pragma once

#include <string>
#include <vector>

#include "engine_tests.h"
#include "onnx_engine.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::onnxrt {

using conformance::floats;
using conformance::LoadOptions;
using conformance::Outcome;
using conformance::Source;
using conformance::Tensor;
using conformance::values_of;
using conformance::with;

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
inline Outcome refusal(const Source& source, const LoadOptions& options = {}) {
  return conformance::refusal(plugin(), source, options);
}

}  // namespace xpuruntime::onnxrt
