// SPDX-License-Identifier: Apache-2.0
/// Small float32 tensors, and what they hold.
#pragma once

#include <vector>

#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// [1, 2]
inline Tensor row(float a, float b) { return Tensor::from({a, b}, {1, 2}); }

inline std::vector<float> values_of(const Tensor& tensor) {
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

}  // namespace xpuruntime
