// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/convert.h"

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
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

using toolkit::ConvertReport;
using toolkit::ConvertRun;

using Ranges = std::map<std::string, std::pair<int64_t, std::optional<int64_t>>>;

ConvertReport convert(const std::string& source, const std::string& format,
                      const std::string& output, bool overwrite, bool keep,
                      std::optional<int> opset, bool fp16, const std::string& input_shapes,
                      const Ranges& dynamic, const TensorPairs& inputs,
                      const std::string& input_path, uint64_t seed,
                      const std::optional<toolkit::Tolerance>& tolerance,
                      const std::string& python_executable,
                      const std::map<std::string, std::string>& source_options,
                      const std::string& preprocessing, int32_t threads, nb::handle progress) {
  Steering steering(progress);
  toolkit::ConvertOptions options{
      .format = format,
      .output = output,
      .overwrite = overwrite,
      .keep = keep,
      .opset = opset,
      .fp16 = fp16,
      .input_shapes = input_shapes,
      .inputs = named_tensors(inputs),
      .input_path = input_path,
      .seed = seed,
      .tolerance = tolerance,
      .python_executable = python_executable,
      .source_options = source_options,
      .preprocessing = preprocessing,
      .threads = threads,
      .should_stop = [&] { return steering.should_stop(); },
      .progress =
          [&](const toolkit::ConvertProgress& told) { steering.tell(told.phase, told.fraction); },
  };
  for (const auto& [name, bounds] : dynamic) {
    options.dynamic[name] = {bounds.first, bounds.second};
  }
  std::optional<ConvertReport> report;
  try {
    const GilRelease release;
    report = toolkit::convert(source, options);
  } catch (const CancelledError&) {
    steering.rethrow();  // what has stopped it, where that is an exception
    throw;
  }
  steering.rethrow();
  return *std::move(report);
}

}  // namespace

void bind_convert(nb::module_& m) {
  nb::class_<ConvertRun>(m, "ConvertRun", "One run of source and result on the same inputs.")
      .def_ro("inputs", &ConvertRun::inputs, "In the shapes that were run.")
      .def_ro("outputs", &ConvertRun::outputs, "Of the result, against the source's.");
  nb::class_<ConvertReport>(m, "ConvertReport", "What became of a conversion.")
      .def_ro("source", &ConvertReport::source)
      .def_ro("format", &ConvertReport::format)
      .def_ro("files", &ConvertReport::files, "The model first; empty where nothing was kept.")
      .def_ro("notes", &ConvertReport::notes, "``<name>_info.json`` beside it.")
      .def_ro("opset", &ConvertReport::opset, "Of ONNX, else None.")
      .def_ro("precision", &ConvertReport::precision, "\"fp32\" or \"fp16\".")
      .def_ro("exporter", &ConvertReport::exporter)
      .def_ro("tools", &ConvertReport::tools, "Versions by package.")
      .def_ro("engine", &ConvertReport::engine, "That ran the result: \"onnxrt 1.31.1\".")
      .def_ro("tolerance", &ConvertReport::tolerance)
      .def_ro("runs", &ConvertReport::runs)
      .def_ro("failure", &ConvertReport::failure,
              "Why the result could not be run; \"\" where it was.")
      .def_ro("warnings", &ConvertReport::warnings)
      .def_ro("seconds", &ConvertReport::seconds, "That all took.")
      .def("agrees", &ConvertReport::agrees,
           "The result was run, and all outputs of all runs agree with the source's.")
      .def(
          "to_text",
          [](const ConvertReport& self, size_t width) { return toolkit::to_text(self, width); },
          nb::arg("width") = 80,
          "Tables for people, in lines of `width` columns where words allow.")
      .def(
          "to_json", [](const ConvertReport& self) { return toolkit::to_json(self); },
          "One JSON document; docs/conversion.md describes it.")
      .def("__str__", [](const ConvertReport& self) { return toolkit::to_text(self); })
      .def("__repr__", [](const ConvertReport& self) {
        return "<xpuruntime.toolkit.ConvertReport to " + self.format +
               (self.agrees() ? ": agrees" : ": does not agree") + ">";
      });
  m.def("convert", &convert, nb::arg("source"), nb::kw_only(), nb::arg("format"), nb::arg("output"),
        nb::arg("overwrite"), nb::arg("keep"), nb::arg("opset").none(), nb::arg("fp16"),
        nb::arg("input_shapes"), nb::arg("dynamic"), nb::arg("inputs"), nb::arg("input_path"),
        nb::arg("seed"), nb::arg("tolerance").none(), nb::arg("python_executable"),
        nb::arg("source_options"), nb::arg("preprocessing"), nb::arg("threads"),
        nb::arg("progress").none(), "``xpuruntime.convert``, which says what each means.");
}

}  // namespace xpuruntime::python
