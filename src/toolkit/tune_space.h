// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xpuruntime/engine_registry.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime::toolkit {

/// Other ways to run what `base` runs (an engine on a device, as it is by default, with `threads`):
/// fewer threads, the precisions that the engine can be asked for, and those of its options that
/// are known to change how fast a single run is, each by itself.
std::vector<SessionConfig> variations(const SessionConfig& base, const EngineStatus& engine,
                                      int32_t threads, const std::vector<std::string>& precisions);

/// "openvino@cpu, 2 threads, performance_hint=throughput, shapes fixed".
std::string name_of(const SessionConfig& config);

}  // namespace xpuruntime::toolkit
