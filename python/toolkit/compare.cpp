// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/compare.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <string>
#include <utility>

#include "../src/gil.h"
#include "bindings.h"
#include "named_tensors.h"
#include "steering.h"

namespace xpuruntime::python {
namespace {

using toolkit::Bisection;
using toolkit::Candidate;
using toolkit::CompareOptions;
using toolkit::CompareProgress;
using toolkit::CompareReport;
using toolkit::OutputComparison;
using toolkit::Verdict;

CompareReport compare(const std::vector<std::string>& models,
                      const std::vector<std::string>& engines, const std::string& reference,
                      const std::string& model_factory, const std::string& python_executable,
                      const std::map<std::string, std::string>& python_options,
                      const toolkit::Tolerance& tolerance, const TensorPairs& inputs,
                      const std::string& input_path,
                      const std::optional<toolkit::Preprocessing>& preprocessing,
                      const ShapesByName& shapes, int64_t batch, uint64_t seed, int32_t threads,
                      const std::string& cache_dir, uint64_t warm_up, uint64_t iterations,
                      double seconds, bool bisect, nb::handle progress) {
  Steering steering(progress);
  const CompareOptions options{
      .engines = engines,
      .reference = reference,
      .model_factory = model_factory,
      .python_executable = python_executable,
      .python_options = python_options,
      .tolerance = tolerance,
      .inputs = named_tensors(inputs),
      .input_path = input_path,
      .preprocessing = preprocessing,
      .shapes = shapes_of(shapes),
      .batch = batch,
      .seed = seed,
      .threads = threads,
      .cache_dir = cache_dir,
      .warm_up = warm_up,
      .iterations = iterations,
      .seconds = seconds,
      .bisect = bisect,
      .should_stop = [&] { return steering.should_stop(); },
      .progress =
          [&](const CompareProgress& told) {
            steering.tell(told.phase, told.candidate, told.fraction);
          },
  };
  const std::vector<std::filesystem::path> paths(models.begin(), models.end());
  CompareReport report;
  {
    const GilRelease release;
    report = toolkit::compare(paths, options);
  }
  steering.rethrow();
  return report;
}

void bind_outputs(nb::module_& m) {
  nb::enum_<Verdict>(m, "Verdict", "What becomes of one output.")
      .value("agrees", Verdict::kAgrees)
      .value("differs", Verdict::kDiffers, "Some element is outside the tolerance.")
      .value("shape_mismatch", Verdict::kShapeMismatch)
      .value("dtype_mismatch", Verdict::kDtypeMismatch)
      .value("missing", Verdict::kMissing, "The candidate has no such output.");
  nb::class_<OutputComparison>(m, "OutputComparison",
                               "One output of a candidate against the reference's.")
      .def_ro("name", &OutputComparison::name, "The reference's.")
      .def_ro("actual_name", &OutputComparison::actual_name,
              "The candidate's, which may be another.")
      .def_ro("verdict", &OutputComparison::verdict)
      .def_ro("type", &OutputComparison::type, "Of the reference's: ``\"float32[1,10]\"``.")
      .def_ro("actual_type", &OutputComparison::actual_type, "Of the candidate's.")
      .def_ro("agreement", &OutputComparison::agreement,
              "None where dtype or shape are not the same.")
      .def("__repr__", [](const OutputComparison& self) {
        return "<xpuruntime.toolkit.OutputComparison '" + self.name +
               "': " + to_string(self.verdict) + ">";
      });
}

void bind_candidate(nb::module_& m) {
  nb::class_<Candidate>(m, "Candidate", "One engine on one device with one of the model files.")
      .def_ro("name", &Candidate::name, "\"onnxrt@cpu\", and the file where there are several.")
      .def_ro("engine", &Candidate::engine)
      .def_ro("engine_version", &Candidate::engine_version)
      .def_ro("device", &Candidate::device)
      .def_ro("model", &Candidate::model, "The file; \"\" where no engine got that far.")
      .def_ro("ran", &Candidate::ran, "False: `error` and `reason` say why not.")
      .def_ro("error", &Candidate::error, "Name of the error's class.")
      .def_ro("reason", &Candidate::reason)
      .def_ro("threads", &Candidate::threads, "Of one run.")
      .def_ro("load_seconds", &Candidate::load_seconds,
              "Of the model; the engine's library was there already.")
      .def_ro("cache", &Candidate::cache, "Of that load.")
      .def_ro("first_run_seconds", &Candidate::first_run_seconds)
      .def_ro("latencies", &Candidate::latencies, "Seconds of each counted run, in order.")
      .def_ro("latency", &Candidate::latency, "Of them; None where nothing was counted.")
      .def_ro("runs_per_second", &Candidate::runs_per_second,
              "By one caller: 1 over the mean latency.")
      .def_ro("memory_bytes", &Candidate::memory_bytes,
              "By how much resident memory grew, at its highest, while the model was loaded, run\n"
              "first and warmed up: of this process and of the worker started for it.")
      .def_prop_ro("total_seconds", &Candidate::total_seconds, "Of the counted runs.")
      .def_ro("placement", &Candidate::placement, "Nodes by what runs them; empty where not known.")
      .def_ro("outputs", &Candidate::outputs, "None of the reference's own.")
      .def_ro("agrees", &Candidate::agrees, "All outputs do; of the reference: it ran.")
      .def_ro("slower_by_seconds", &Candidate::slower_by_seconds,
              "p50 less the winner's, in seconds.")
      .def_ro("slower_by_share", &Candidate::slower_by_share,
              "The same over the winner's p50 (0.5: half as long again).")
      .def("__repr__", [](const Candidate& self) {
        return "<xpuruntime.toolkit.Candidate " + self.name +
               (self.ran ? (self.agrees ? ": agrees" : ": does not agree")
                         : ": " + self.error + ": " + self.reason) +
               ">";
      });
}

void bind_bisection(nb::module_& m) {
  nb::class_<Bisection>(m, "Bisection",
                        "Where the numbers of a candidate part from the reference's.")
      .def_ro("candidate", &Bisection::candidate, "Its name.")
      .def_ro("output", &Bisection::output, "The reference's name of the output that was followed.")
      .def_ro("found", &Bisection::found, "Else `text` says why not.")
      .def_ro("survives_showing", &Bisection::survives_showing,
              "The outputs still differ when all inner values are shown.")
      .def_ro("node", &Bisection::node, "That makes `value`; \"\" where it has no name.")
      .def_ro("op_type", &Bisection::op_type)
      .def_ro(
          "value", &Bisection::value,
          "The first that differs; not surviving: the end of the smallest cut, from the inputs\n"
          "on, that differs.")
      .def_ro("comparison", &Bisection::comparison, "Of `value`.")
      .def_ro("last_agreeing", &Bisection::last_agreeing,
              "The value before it that was seen to agree; \"\" when none was.")
      .def_ro("values", &Bisection::values, "Inner values that were compared.")
      .def_ro("text", &Bisection::text, "The finding in one sentence.")
      .def("__repr__", [](const Bisection& self) {
        return "<xpuruntime.toolkit.Bisection of " + self.candidate + ": " + self.text + ">";
      });
}

void bind_compare_report(nb::module_& m) {
  nb::class_<CompareReport>(m, "CompareReport", "What a comparison found.")
      .def_ro("models", &CompareReport::models)
      .def_ro("inputs", &CompareReport::inputs, "In the shapes that were run.")
      .def_ro("input_source", &CompareReport::input_source,
              "\"random, seed 0\", the path, or \"given\".")
      .def_ro("tolerance", &CompareReport::tolerance)
      .def_ro("machine", &CompareReport::machine)
      .def_ro("warm_up", &CompareReport::warm_up)
      .def_ro("iterations", &CompareReport::iterations)
      .def_ro("seconds", &CompareReport::seconds)
      .def_ro("candidates", &CompareReport::candidates,
              "The reference first, the others as they were asked for.")
      .def_ro("reference", &CompareReport::reference, "Name of the candidate; \"\" when none ran.")
      .def_ro("winner", &CompareReport::winner,
              "Name of the one with the lowest p50 of those that agree; \"\" for none.")
      .def_ro("bisections", &CompareReport::bisections,
              "One for each candidate that disagrees, if asked for.")
      .def_ro("warnings", &CompareReport::warnings)
      .def_ro("interrupted", &CompareReport::interrupted)
      .def_prop_ro("compared", &CompareReport::compared,
                   "Candidates whose outputs were held against the reference's.")
      .def_prop_ro("agrees", &CompareReport::agrees,
                   "At least one was compared, and all outputs of all of them agree.")
      .def_prop_ro("recommendation", &CompareReport::recommendation,
                   "Where native engines were compared with Python: which to use and why, in a\n"
                   "sentence; else \"\".")
      .def("to_text", &toolkit::to_text, nb::arg("width") = 80,
           "Tables for people, in lines of `width` columns where words allow.")
      .def(
          "to_json", [](const CompareReport& self) { return toolkit::to_json(self); },
          "One JSON document; docs/compare.md describes it.")
      .def("to_html", &toolkit::to_html, "A page of its own: no script, nothing from the network.")
      .def("write_html", &toolkit::write_html, nb::arg("path"), nb::call_guard<GilRelease>(),
           nb::sig("def write_html(self, path: str | os.PathLike[str]) -> None"),
           "Writes that page, whole or not at all.\n\n"
           "Raises InvalidArgumentError (the folder does not take a file), UnavailableError (disk\n"
           "full).")
      .def("__str__", [](const CompareReport& self) { return toolkit::to_text(self); })
      .def("__repr__", [](const CompareReport& self) {
        return "<xpuruntime.toolkit.CompareReport of " + std::to_string(self.candidates.size()) +
               " candidates: " + (self.agrees() ? "agrees" : "does not agree") + ">";
      });
}

}  // namespace

void bind_compare(nb::module_& m) {
  bind_outputs(m);
  bind_candidate(m);
  bind_bisection(m);
  bind_compare_report(m);
  m.def("compare", &compare, nb::arg("models"), nb::kw_only(), nb::arg("engines"),
        nb::arg("reference"), nb::arg("model_factory"), nb::arg("python_executable"),
        nb::arg("python_options"), nb::arg("tolerance"), nb::arg("inputs"), nb::arg("input_path"),
        nb::arg("preprocessing").none(), nb::arg("shapes"), nb::arg("batch"), nb::arg("seed"),
        nb::arg("threads"), nb::arg("cache_dir"), nb::arg("warm_up"), nb::arg("iterations"),
        nb::arg("seconds"), nb::arg("bisect"), nb::arg("progress").none(),
        "``xpuruntime.compare``, which says what each means.");
}

}  // namespace xpuruntime::python
