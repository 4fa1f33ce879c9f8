// SPDX-License-Identifier: Apache-2.0
/// Durations are seconds in Python.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <optional>

namespace xpuruntime::python {

namespace nb = nanobind;

inline double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// From seconds, or None. Raises TypeError; throws InvalidArgumentError for NaN.
std::optional<std::chrono::nanoseconds> timeout_argument(nb::handle seconds);

}  // namespace xpuruntime::python
