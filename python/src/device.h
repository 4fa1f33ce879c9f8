// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "xpuruntime/device.h"

namespace xpuruntime::python {

/// From a Device or its text.
Device device_argument(nanobind::handle value);

}  // namespace xpuruntime::python
