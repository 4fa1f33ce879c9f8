// SPDX-License-Identifier: Apache-2.0
#include "toolkit/report_json.h"

namespace xpuruntime::toolkit {

Json machine_json(const MachineFacts& machine) {
  const auto optional = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  return {{"cpu_model", machine.cpu_model},
          {"cpu_features", machine.cpu_features},
          {"cores_online", machine.cores_online},
          {"cores_allowed", machine.cores_allowed},
          {"cpu_quota", optional(machine.cpu_quota)},
          {"memory_bytes", machine.memory_bytes},
          {"memory_limit_bytes", optional(machine.memory_limit_bytes)},
          {"kernel", machine.kernel},
          {"governor", machine.governor},
          {"load_average", machine.load_average}};
}

Json input_json(const TensorInfo& info) {
  Json shape = Json::array();
  for (const int64_t dim : info.shape) shape.push_back(dim);
  return {{"name", info.name}, {"dtype", dtype_name(info.dtype)}, {"shape", shape}};
}

Json tolerance_json(const Tolerance& tolerance) {
  return {{"relative", tolerance.relative},
          {"absolute", tolerance.absolute},
          {"bitwise", tolerance.bitwise}};
}

Json latency_json(const Summary& latency) {
  return {{"mean", latency.mean},  {"p50", latency.p50}, {"p90", latency.p90}, {"p99", latency.p99},
          {"p99.9", latency.p999}, {"min", latency.min}, {"max", latency.max}};
}

}  // namespace xpuruntime::toolkit
