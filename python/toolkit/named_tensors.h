// SPDX-License-Identifier: Apache-2.0
/// What the facade hands over as pairs and lists.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "xpuruntime/named_tensors.h"
#include "xpuruntime/shape.h"

namespace xpuruntime::python {

using TensorPairs = std::vector<std::pair<std::string, Tensor>>;
using ShapesByName = std::map<std::string, std::vector<int64_t>>;

inline NamedTensors named_tensors(const TensorPairs& pairs) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : pairs) tensors.set(name, tensor);
  return tensors;
}

inline std::map<std::string, Shape> shapes_of(const ShapesByName& lists) {
  std::map<std::string, Shape> shapes;
  for (const auto& [name, dims] : lists) shapes.emplace(name, std::span<const int64_t>(dims));
  return shapes;
}

}  // namespace xpuruntime::python
