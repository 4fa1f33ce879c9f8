// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/model_info.h"

namespace xpuruntime {

std::string to_string(const TensorInfo& info) {
  std::string text(dtype_name(info.dtype));
  if (info.kind == ValueKind::kSequence) return "sequence of " + text;
  if (info.kind == ValueKind::kMap) return "map to " + text;
  if (!info.has_rank) return text + "[...]";
  text += "[";
  for (size_t i = 0; i < info.shape.rank(); ++i) {
    if (i != 0) text += ",";
    const bool named = i < info.dim_names.size() && !info.dim_names[i].empty();
    text += info.shape[i] >= 0 ? std::to_string(info.shape[i]) : named ? info.dim_names[i] : "?";
  }
  return text + "]";
}

}  // namespace xpuruntime
