// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "xpuruntime/dtype.h"

namespace xpuruntime::python {

/// From a DType, its name, or anything that NumPy takes for a dtype.
DType dtype_argument(nanobind::handle value);

}  // namespace xpuruntime::python
