// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/report.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>

#include "bindings.h"

namespace xpuruntime::python {
namespace {

using Seconds = std::chrono::duration<double>;

std::string represent(const RunReport& self) {
  if (self.engine.empty()) return "<xpuruntime.RunReport of no run yet>";
  const auto microseconds = [](std::chrono::nanoseconds time) {
    return std::to_string(time.count() / 1000) + " us";
  };
  return "<xpuruntime.RunReport " + self.engine + " " + self.engine_version + " on " +
         to_string(self.device) + ": " + microseconds(self.run_time) + ", waited " +
         microseconds(self.queue_time) + ", copied " + std::to_string(self.bytes_copied()) +
         " bytes>";
}

void bind_run_report(nb::module_& m) {
  nb::class_<CopyRecord>(m, "CopyRecord", "Bytes that a run copied, and why.")
      .def_ro("what", &CopyRecord::what, "The input or output, \"\" where it is the engine's own.")
      .def_ro("bytes", &CopyRecord::bytes)
      .def_ro("why", &CopyRecord::why)
      .def("__repr__", [](const CopyRecord& self) {
        return "<xpuruntime.CopyRecord '" + self.what + "': " + std::to_string(self.bytes) +
               " bytes, " + self.why + ">";
      });
  nb::class_<RunReport>(m, "RunReport",
                        "What one run did: made empty, filled in by ``run(..., report=report)``,\n"
                        "also when the run fails.")
      .def(nb::init<>())
      .def_ro("engine", &RunReport::engine)
      .def_ro("engine_version", &RunReport::engine_version)
      .def_ro("device", &RunReport::device)
      .def_prop_ro(
          "queue_time", [](const RunReport& self) { return Seconds(self.queue_time).count(); },
          "Seconds of waiting for a Context; of a job, since it came in.")
      .def_prop_ro(
          "run_time", [](const RunReport& self) { return Seconds(self.run_time).count(); },
          "Seconds in the engine.")
      .def_ro("joined", &RunReport::joined, "Items that this run did at once, this one too.")
      .def_ro("copies", &RunReport::copies)
      .def_prop_ro("bytes_copied", &RunReport::bytes_copied)
      .def("__repr__", &represent);
}

void bind_session_report(nb::module_& m) {
  nb::class_<FailedChoice>(m, "FailedChoice",
                           "A choice of engine and device that could not be built.")
      .def_ro("engine", &FailedChoice::engine)
      .def_ro("device", &FailedChoice::device)
      .def_ro("error", &FailedChoice::error, "Name of the error's class.")
      .def_ro("reason", &FailedChoice::reason)
      .def("__repr__", [](const FailedChoice& self) {
        return "<xpuruntime.FailedChoice " + self.engine + "@" + self.device + ": " + self.error +
               ": " + self.reason + ">";
      });
  nb::class_<SessionReport>(m, "SessionReport",
                            "What a session is, what was asked for, and why it is not that.")
      .def_ro("model", &SessionReport::model, "The path, or \"<bytes>\".")
      .def_ro("requested_engine", &SessionReport::requested_engine)
      .def_ro("requested_device", &SessionReport::requested_device)
      .def_ro("fallback", &SessionReport::fallback)
      .def_ro("engine", &SessionReport::engine)
      .def_ro("engine_version", &SessionReport::engine_version)
      .def_ro("engine_path", &SessionReport::engine_path,
              "Of the plug-in; \"\" for one in the program.")
      .def_ro("transport", &SessionReport::transport,
              "To the worker process that the engine runs in; \"\" where it runs in this one.")
      .def_ro("device", &SessionReport::device)
      .def_ro("rule", &SessionReport::rule, "Which rule chose the engine and device.")
      .def_ro("failed_choices", &SessionReport::failed_choices, "Those tried before, in order.")
      .def_ro("threads", &SessionReport::threads, "Of one run.")
      .def_ro("contexts", &SessionReport::contexts, "Runs that it does at once at most.")
      .def_prop_ro(
          "load_time", [](const SessionReport& self) { return Seconds(self.load_time).count(); },
          "Seconds.")
      .def_ro("cache", &SessionReport::cache)
      .def_ro("validators", &SessionReport::validators, "Names of those that it passed.")
      .def_ro("profiles_nodes", &SessionReport::profiles_nodes,
              "Its profiler is told of the nodes of runs.")
      .def_ro("placement", &SessionReport::placement,
              "Nodes by what runs them; empty where not known.")
      .def("__repr__", [](const SessionReport& self) {
        return "<xpuruntime.SessionReport " + self.model + " on " + self.engine + " " +
               self.engine_version + " on " + to_string(self.device) + " (" + self.rule + ")>";
      });
}

}  // namespace

void bind_report(nb::module_& m) {
  bind_run_report(m);
  bind_session_report(m);
}

}  // namespace xpuruntime::python
