// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/tune.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "../src/gil.h"
#include "bindings.h"
#include "named_tensors.h"
#include "steering.h"

namespace xpuruntime::python {
namespace {

using toolkit::Finalist;
using toolkit::Trial;
using toolkit::TrialOutcome;
using toolkit::TuneReport;

/// As keywords of InferenceSession.
nb::object keywords_of(const SessionConfig& config) {
  return nb::module_::import_("json").attr("loads")(to_json(config));
}

TuneReport tune(const std::string& model, const std::vector<std::string>& engines,
                const std::string& reference, const toolkit::Tolerance& tolerance,
                const TensorPairs& inputs, const std::string& input_path,
                const ShapesByName& shapes, int64_t batch, uint64_t seed,
                const std::vector<std::string>& precisions, bool specialize, double seconds,
                double final_seconds, const std::string& cache_dir, nb::handle progress) {
  Steering steering(progress);
  const toolkit::TuneOptions options{
      .engines = engines,
      .reference = reference,
      .tolerance = tolerance,
      .inputs = named_tensors(inputs),
      .input_path = input_path,
      .shapes = shapes_of(shapes),
      .batch = batch,
      .seed = seed,
      .precisions = precisions,
      .specialize = specialize,
      .seconds = seconds,
      .final_seconds = final_seconds,
      .cache_dir = cache_dir,
      .should_stop = [&] { return steering.should_stop(); },
      .progress =
          [&](const toolkit::TuneProgress& told) {
            steering.tell(told.phase, told.trial, told.fraction);
          },
  };
  TuneReport report;
  {
    const GilRelease release;
    report = toolkit::tune(model, options);
  }
  steering.rethrow();
  return report;
}

void bind_trials(nb::module_& m) {
  nb::enum_<TrialOutcome>(m, "TrialOutcome", "What became of one way to run the model.")
      .value("leads", TrialOutcome::kLeads, "It was faster than all before it.")
      .value("slower", TrialOutcome::kSlower, "It was slower than the one that led.")
      .value("refused", TrialOutcome::kRefused, "By the gate: its numbers are off.")
      .value("failed", TrialOutcome::kFailed, "It could not be built or run.")
      .value("not_tried", TrialOutcome::kNotTried, "No time was left.");
  nb::class_<Trial>(m, "Trial", "One way to run the model.")
      .def_ro("name", &Trial::name,
              "\"openvino@cpu, 2 threads, shapes fixed\"; \"default: ...\" is what \"auto\" "
              "builds.")
      .def_prop_ro(
          "config", [](const Trial& self) { return keywords_of(self.config); },
          nb::sig("def config(self) -> dict[str, typing.Any]"), "As keywords of InferenceSession.")
      .def_ro("outcome", &Trial::outcome)
      .def_ro("error", &Trial::error, "Name of the error's class.")
      .def_ro("reason", &Trial::reason, "Why it was refused or failed.")
      .def_ro("engine_version", &Trial::engine_version)
      .def_ro("load_seconds", &Trial::load_seconds)
      .def_ro("p50", &Trial::p50, "Seconds; None where it did not run.")
      .def_ro("against_leader", &Trial::against_leader,
              "p50 over that of the one that led, measured in turns with it.")
      .def("__repr__", [](const Trial& self) {
        return "<xpuruntime.toolkit.Trial " + self.name + ": " + to_string(self.outcome) + ">";
      });
  nb::class_<Finalist>(m, "Finalist", "One of those that were measured again in the end, in turns.")
      .def_ro("name", &Finalist::name)
      .def_prop_ro(
          "config", [](const Finalist& self) { return keywords_of(self.config); },
          nb::sig("def config(self) -> dict[str, typing.Any]"), "As keywords of InferenceSession.")
      .def_ro("latency", &Finalist::latency)
      .def_ro("gain", &Finalist::gain, "p50 of the default over its own: 1.2 is a fifth faster.")
      .def("__repr__",
           [](const Finalist& self) { return "<xpuruntime.toolkit.Finalist " + self.name + ">"; });
}

void bind_tune_report(nb::module_& m) {
  nb::class_<TuneReport>(m, "TuneReport", "What was tried, and what is the fastest.")
      .def_ro("model", &TuneReport::model)
      .def_ro("inputs", &TuneReport::inputs, "In the shapes that were run.")
      .def_ro("input_source", &TuneReport::input_source)
      .def_ro("reference", &TuneReport::reference, "\"reference@cpu\".")
      .def_ro("tolerance", &TuneReport::tolerance)
      .def_ro("machine", &TuneReport::machine)
      .def_ro("trials", &TuneReport::trials, "In the order they were tried.")
      .def_ro("finalists", &TuneReport::finalists,
              "The default first, if it passed, then the best.")
      .def_ro("winner", &TuneReport::winner,
              "Name of the fastest finalist; \"\" when nothing passed.")
      .def_prop_ro(
          "best", [](const TuneReport& self) { return keywords_of(self.best); },
          nb::sig("def best(self) -> dict[str, typing.Any]"),
          "The fastest settings: ``InferenceSession(model, **report.best)``.")
      .def_ro(
          "decisions", &TuneReport::decisions,
          "Files that engine \"auto\" goes by from now on: for sessions that promise no shapes,\n"
          "and for those that promise these.")
      .def_ro("warnings", &TuneReport::warnings)
      .def_ro("seconds", &TuneReport::seconds, "That all took.")
      .def_ro("interrupted", &TuneReport::interrupted)
      .def(
          "to_text",
          [](const TuneReport& self, size_t width) { return toolkit::to_text(self, width); },
          nb::arg("width") = 80,
          "Tables for people, in lines of `width` columns where words allow.")
      .def(
          "to_json", [](const TuneReport& self) { return toolkit::to_json(self); },
          "One JSON document; docs/tune.md describes it.")
      .def("__str__", [](const TuneReport& self) { return toolkit::to_text(self); })
      .def("__repr__", [](const TuneReport& self) {
        return "<xpuruntime.toolkit.TuneReport of " + std::to_string(self.trials.size()) +
               " trials: " + (self.winner.empty() ? "none passed" : self.winner) + ">";
      });
}

}  // namespace

void bind_tune(nb::module_& m) {
  bind_trials(m);
  bind_tune_report(m);
  m.def("tune", &tune, nb::arg("model"), nb::kw_only(), nb::arg("engines"), nb::arg("reference"),
        nb::arg("tolerance"), nb::arg("inputs"), nb::arg("input_path"), nb::arg("shapes"),
        nb::arg("batch"), nb::arg("seed"), nb::arg("precisions"), nb::arg("specialize"),
        nb::arg("seconds"), nb::arg("final_seconds"), nb::arg("cache_dir"),
        nb::arg("progress").none(), "``xpuruntime.tune``, which says what each means.");
}

}  // namespace xpuruntime::python
