// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "gil.h"

namespace xpuruntime::python {

/// Calls `done(slice)`, which waits that long, without the GIL, until it says true or `timeout`
/// passes; between slices Ctrl-C raises.
template <typename Done>
bool wait_for(std::optional<std::chrono::nanoseconds> timeout, Done&& done) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::nanoseconds kSlice = std::chrono::milliseconds(50);
  const auto begin = Clock::now();
  while (true) {
    const auto left = timeout ? *timeout - (Clock::now() - begin) : kSlice;
    {
      const GilRelease release;
      if (done(std::min<std::chrono::nanoseconds>(left, kSlice))) return true;
    }
    if (PyErr_CheckSignals() != 0) nanobind::raise_python_error();
    if (timeout && left <= kSlice) return false;
  }
}

}  // namespace xpuruntime::python
