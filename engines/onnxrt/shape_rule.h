// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// How the shape of an output follows from the shapes of the inputs, as the model declares it: each
/// dimension is a number, or a symbol that an input has too. The declaration may be wrong.
class ShapeRule {
 public:
  ShapeRule(const engine::TensorSpec& output, const std::vector<engine::TensorSpec>& inputs);

  /// Can the shape be known before the run?
  bool is_known() const { return known_; }
  /// Writes the shape of this run's output; false where an input is not as the model says.
  bool resolve(const engine::RunArgs& args, std::vector<int64_t>& shape) const;

 private:
  struct Dimension {
    int64_t size;  ///< when input is -1
    int32_t input = -1;
    int32_t axis = 0;
  };
  std::vector<Dimension> dimensions_;
  bool known_ = false;
};

/// Bytes of a dense tensor; nothing where the type has no fixed size, a dimension is negative or
/// the number does not fit.
std::optional<uint64_t> tensor_bytes(int32_t dtype, std::span<const int64_t> shape);

}  // namespace xpuruntime::onnxrt
