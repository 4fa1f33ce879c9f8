// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/model_info.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

/// A tensor for an input, the same on every machine for the same name, shape and seed: floats
/// uniform in [0, 1); integers 0 or 1, which are valid as indices and as masks; bools by chance.
/// Throws InvalidArgumentError when the shape has a negative dimension.
Tensor random_tensor(const TensorInfo& info, const Shape& shape, uint64_t seed);

/// How dynamic dimensions are to be filled in.
struct ShapeRequest {
  std::map<std::string, Shape> shapes;  ///< by input; -1 leaves a dimension open
  int64_t batch = 1;  ///< for the first dimension of inputs, and what has its name
};

/// A static shape for each input, in order. A dynamic dimension is what `shapes` says of it, or of
/// one with the same name on another input; else `batch` where it is a first one; else 1.
/// Throws InvalidArgumentError: no such input, a shape that does not fit the input's.
std::vector<Shape> input_shapes(std::span<const TensorInfo> inputs, const ShapeRequest& request);

/// Does some input have a first dimension that `batch` decides?
bool takes_batch(std::span<const TensorInfo> inputs);

}  // namespace xpuruntime::toolkit
