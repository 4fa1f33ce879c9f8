// SPDX-License-Identifier: Apache-2.0
#include "duration.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime::python {

std::optional<std::chrono::nanoseconds> timeout_argument(nb::handle seconds) {
  if (seconds.is_none()) return std::nullopt;
  const double value = PyFloat_AsDouble(seconds.ptr());
  if (value == -1 && PyErr_Occurred() != nullptr) nb::raise_python_error();
  if (std::isnan(value)) throw InvalidArgumentError("timeout: expected seconds or None, got NaN");
  constexpr double kMostSeconds = 9e9;  // what int64_t holds of nanoseconds, 285 years
  return std::chrono::nanoseconds(
      static_cast<int64_t>(std::clamp(value, -kMostSeconds, kMostSeconds) * 1e9));
}

}  // namespace xpuruntime::python
