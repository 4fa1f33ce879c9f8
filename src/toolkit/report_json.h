// SPDX-License-Identifier: Apache-2.0
/// What several reports say in the same JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "xpuruntime/model_info.h"
#include "xpuruntime/toolkit/agreement.h"
#include "xpuruntime/toolkit/compare.h"
#include "xpuruntime/toolkit/machine.h"
#include "xpuruntime/toolkit/summary.h"

namespace xpuruntime::toolkit {

using Json = nlohmann::ordered_json;

inline Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json machine_json(const MachineFacts& machine);
/// In the shape that was run.
Json input_json(const TensorInfo& info);
Json tolerance_json(const Tolerance& tolerance);
Json output_json(const OutputComparison& output);
/// Of seconds.
Json latency_json(const Summary& latency);

}  // namespace xpuruntime::toolkit
