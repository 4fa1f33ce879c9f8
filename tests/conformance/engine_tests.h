// SPDX-License-Identifier: Apache-2.0
/// What the tests of single engines share beyond the suite's host.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "conformance_host.h"

namespace xpuruntime::conformance {

inline LoadOptions with(std::vector<std::pair<std::string, std::string>> options) {
  LoadOptions load;
  load.options = std::move(options);
  return load;
}

/// How loading ends that fails; fails itself when it succeeds.
inline Outcome refusal(const Plugin& plugin, const Source& source, const LoadOptions& options) {
  xpurt_model* model = nullptr;
  Outcome outcome = plugin.try_load(source, options, &model);
  if (model != nullptr) {
    plugin.engine()->model_release(model);
    throw std::runtime_error("it was loaded");
  }
  return outcome;
}

inline Tensor floats(const std::vector<float>& values) {
  return Tensor::of<float>({static_cast<int64_t>(values.size())}, values);
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

}  // namespace xpuruntime::conformance
