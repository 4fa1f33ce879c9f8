// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "run_control.h"
#include "xpuruntime/report.h"

namespace xpuruntime {

/// What a run is to do beyond running. Most have none of it.
struct RunExtras {
  RunReport* report = nullptr;
  std::optional<TimePoint> deadline{};
  RunControl* control = nullptr;  ///< can stop it
  uint64_t job = 0;
  int32_t priority = 0;  ///< of waiting for the cores
};

}  // namespace xpuruntime
