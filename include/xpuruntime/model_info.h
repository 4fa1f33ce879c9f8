// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "xpuruntime/dtype.h"
#include "xpuruntime/export.h"
#include "xpuruntime/shape.h"

namespace xpuruntime {

enum class ValueKind : int32_t { kNone = 0, kTensor = 1, kSequence = 2, kMap = 3 };

/// One input or output of a model.
struct TensorInfo {
  std::string name{};
  ValueKind kind = ValueKind::kTensor;
  DType dtype = DType::kUndefined;
  bool has_rank = true;                  ///< false: the rank is not known before the run
  Shape shape{};                         ///< -1: dynamic
  std::vector<std::string> dim_names{};  ///< one a dimension, "" where it has none
};

/// "float32[batch,3,224,224]".
XPURT_API std::string to_string(const TensorInfo& info);

/// What a model takes, gives and says of itself.
struct ModelInfo {
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  std::map<std::string, std::string> metadata;
  int64_t opset = 0;  ///< of ONNX's default domain; 0 where not known
  std::string producer;
};

}  // namespace xpuruntime
