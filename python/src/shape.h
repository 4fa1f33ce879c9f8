// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "xpuruntime/shape.h"

namespace xpuruntime::python {

/// From a sequence of whole numbers.
Shape shape_argument(nanobind::handle value);

nanobind::tuple tuple_of(const Shape& shape);

}  // namespace xpuruntime::python
