// SPDX-License-Identifier: Apache-2.0
/// The plug-in behind its C tables, and the models that tests/torch_models makes.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "conformance_host.h"

namespace xpuruntime::torch_engine {

using conformance::LoadOptions;
using conformance::Outcome;
using conformance::Sink;
using conformance::Source;
using conformance::Tensor;

inline const conformance::Plugin& plugin() {
  static const auto* const opened =
      new conformance::Plugin(conformance::Plugin::open(XPURT_TORCH_PLUGIN));
  return *opened;
}

/// A file of tests/torch_models: "mlp.pt", "packages/mlp.pt2".
inline Source made(const std::string& file) { return Source::path(XPURT_TORCH_MODELS "/" + file); }

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

inline Tensor ones(std::vector<int64_t> shape) {
  Tensor tensor(XPURT_FLOAT, std::move(shape));
  for (float& value : tensor.as<float>()) value = 1;
  return tensor;
}

inline std::vector<float> values_of(const Tensor& tensor) {
  const auto values = tensor.as<float>();
  return {values.begin(), values.end()};
}

inline std::vector<std::string> names(const xpurt_tensor_info* const* infos, uint32_t count) {
  std::vector<std::string> names;
  for (uint32_t i = 0; i < count; ++i) names.emplace_back(infos[i]->name);
  return names;
}

}  // namespace xpuruntime::torch_engine
