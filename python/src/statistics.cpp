// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/statistics.h"

#include <nanobind/stl/string.h>

#include <string>

#include "bindings.h"
#include "duration.h"

namespace xpuruntime::python {
namespace {

template <std::chrono::nanoseconds LatencyStatistics::* Time>
double seconds(const LatencyStatistics& self) {
  return seconds_of(self.*Time);
}

std::string represent_statistics(const LatencyStatistics& self) {
  const auto microseconds = [](std::chrono::nanoseconds time) {
    return std::to_string(time.count() / 1000) + " us";
  };
  return "<xpuruntime.LatencyStatistics of " + std::to_string(self.count) + " runs: p50 " +
         microseconds(self.p50) + ", p99 " + microseconds(self.p99) + ">";
}

}  // namespace

void bind_statistics(nb::module_& m) {
  nb::class_<LatencyStatistics>(
      m, "LatencyStatistics",
      "How long the runs of a session take in the engine, in seconds.\n\n"
      "Of the last 1024 runs that were timed: all at first and where runs take 100 us or more,\n"
      "later one in 32 of shorter ones. A percentile is one of the times, not a value between two.")
      .def_ro("count", &LatencyStatistics::count,
              "Runs that succeeded; a joined run of many items is one.")
      .def_ro("samples", &LatencyStatistics::samples, "Times that the rest is of.")
      .def_prop_ro("last", &seconds<&LatencyStatistics::last>)
      .def_prop_ro("mean", &seconds<&LatencyStatistics::mean>)
      .def_prop_ro("standard_deviation", &seconds<&LatencyStatistics::standard_deviation>)
      .def_prop_ro("min", &seconds<&LatencyStatistics::min>)
      .def_prop_ro("p50", &seconds<&LatencyStatistics::p50>)
      .def_prop_ro("p90", &seconds<&LatencyStatistics::p90>)
      .def_prop_ro("p99", &seconds<&LatencyStatistics::p99>)
      .def_prop_ro("max", &seconds<&LatencyStatistics::max>)
      .def("__repr__", &represent_statistics);
}

}  // namespace xpuruntime::python
