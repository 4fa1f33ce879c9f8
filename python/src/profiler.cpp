// SPDX-License-Identifier: Apache-2.0
#include "profiler.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include <filesystem>
#include <string>

#include "bindings.h"
#include "gil.h"

namespace xpuruntime::python {

void bind_profiler(nb::module_& m) {
  nb::class_<SharedProfiler>(
      m, "Profiler",
      "Keeps when the runs of sessions waited, copied inputs and ran, and writes that as Chrome\n"
      "trace JSON (chrome://tracing, Perfetto). ``InferenceSession(..., profiler=profiler)``; one\n"
      "may serve several sessions. Thread-safe.\n\n"
      "Parameters\n----------\n"
      "max_events : int\n    The last that are kept; earlier ones are dropped.\n"
      "nodes : bool\n"
      "    Also the nodes of each run, within the run's event, where the engine tells of them\n"
      "    (``session.report().profiles_nodes``). That slows runs down.")
      .def(
          "__init__",
          [](SharedProfiler* self, size_t max_events, bool nodes) {
            const auto detail = nodes ? Profiler::Detail::kNodes : Profiler::Detail::kRuns;
            new (self) SharedProfiler{std::make_shared<Profiler>(max_events, detail)};
          },
          nb::arg("max_events") = 65536, nb::kw_only(), nb::arg("nodes") = false)
      .def(
          "write",
          [](const SharedProfiler& self, const std::filesystem::path& path) {
            self.profiler->write(path);
          },
          nb::arg("path"), nb::call_guard<GilRelease>(),
          nb::sig("def write(self, path: str | os.PathLike[str]) -> None"),
          "Writes what is kept: the file is there whole or as it was before.\n\n"
          "Raises\n------\n"
          "UnavailableError\n    It cannot be written.")
      .def_prop_ro(
          "event_count", [](const SharedProfiler& self) { return self.profiler->event_count(); },
          "Events that are kept.")
      .def_prop_ro(
          "dropped_count",
          [](const SharedProfiler& self) { return self.profiler->dropped_count(); },
          "Events that are not kept any more.")
      .def("__repr__", [](const SharedProfiler& self) {
        return "<xpuruntime.Profiler of " + std::to_string(self.profiler->event_count()) +
               " events>";
      });
}

}  // namespace xpuruntime::python
