// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "xpuruntime/profiler.h"

namespace xpuruntime::python {

/// A share of a profiler. Sessions hold others, so that none of them holds an object of Python's.
struct SharedProfiler {
  std::shared_ptr<Profiler> profiler;
};

}  // namespace xpuruntime::python
