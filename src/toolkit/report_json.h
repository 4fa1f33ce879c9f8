// SPDX-License-Identifier: Apache-2.0
/// What several reports say in the same JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "xpuruntime/toolkit/machine.h"
#include "xpuruntime/toolkit/summary.h"

namespace xpuruntime::toolkit {

using Json = nlohmann::ordered_json;

Json machine_json(const MachineFacts& machine);
/// Of seconds.
Json latency_json(const Summary& latency);

}  // namespace xpuruntime::toolkit
