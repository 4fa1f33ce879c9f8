// SPDX-License-Identifier: Apache-2.0
/// The plug-in behind its C tables, and the models that tests/torch_models makes.
#pragma once

#include <string>
#include <vector>

#include "engine_tests.h"

namespace xpuruntime::torch_engine {

using conformance::LoadOptions;
using conformance::ones;
using conformance::Outcome;
using conformance::Sink;
using conformance::Source;
using conformance::Tensor;
using conformance::values_of;
using conformance::with;

inline const conformance::Plugin& plugin() {
  static const auto* const opened =
      new conformance::Plugin(conformance::Plugin::open(XPURT_TORCH_PLUGIN));
  return *opened;
}

/// A file of tests/torch_models: "mlp.pt", "packages/mlp.pt2".
inline Source made(const std::string& file) { return Source::path(XPURT_TORCH_MODELS "/" + file); }

/// How loading ends that fails; fails itself when it succeeds.
inline Outcome refusal(const Source& source, const LoadOptions& options = {}) {
  return conformance::refusal(plugin(), source, options);
}

inline std::vector<std::string> names(const xpurt_tensor_info* const* infos, uint32_t count) {
  std::vector<std::string> names;
  for (uint32_t i = 0; i < count; ++i) names.emplace_back(infos[i]->name);
  return names;
}

}  // namespace xpuruntime::torch_engine
