// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/inference_service.h"

#include <nanobind/stl/chrono.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <chrono>
#include <string>

#include "../src/gil.h"
#include "bindings.h"

namespace xpuruntime::python {
namespace {

using toolkit::InferenceService;
using toolkit::Preprocessing;
using toolkit::ServiceConfig;
using toolkit::ServiceInfo;
using toolkit::ServiceStatistics;

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

ServiceConfig config_of(const std::string& session,
                        const std::optional<Preprocessing>& preprocessing,
                        const std::optional<Preprocessing>& output) {
  return {session_config_from_json(session), preprocessing, output};
}

void bind_told(nb::module_& m) {
  nb::class_<ServiceInfo>(m, "ServiceInfo", "What a service runs.")
      .def_prop_ro(
          "type", [](const ServiceInfo& self) { return toolkit::to_string(self.type); },
          "\"native\" or \"python\".")
      .def_ro("model", &ServiceInfo::model)
      .def_ro("session", &ServiceInfo::session, "What was asked for and what runs.")
      .def_ro("preprocessing", &ServiceInfo::preprocessing);
  nb::class_<ServiceStatistics>(m, "ServiceStatistics",
                                "Counts are of the service's life, over all its models; memory, "
                                "engine and device of the\nmodel that runs now. Times are seconds, "
                                "from picture to picture.")
      .def_ro("inferences", &ServiceStatistics::inferences, "Pictures given back.")
      .def_ro("failures", &ServiceStatistics::failures, "Requests that raised.")
      .def_ro("switches", &ServiceStatistics::switches, "Models that took over from another.")
      .def_ro("open_sessions", &ServiceStatistics::open_sessions,
              "With the old ones that still finish requests.")
      .def_prop_ro("total_seconds",
                   [](const ServiceStatistics& self) { return seconds_of(self.total); })
      .def_prop_ro("average_seconds",
                   [](const ServiceStatistics& self) { return seconds_of(self.average); })
      .def_prop_ro("last_seconds",
                   [](const ServiceStatistics& self) { return seconds_of(self.last); })
      .def_ro("memory_bytes", &ServiceStatistics::memory_bytes,
              "By how much memory grew, of this process and of the worker, during the load.")
      .def_ro("engine", &ServiceStatistics::engine, "That runs; \"\" while nothing is loaded.")
      .def_ro("engine_version", &ServiceStatistics::engine_version)
      .def_prop_ro("device", [](const ServiceStatistics& self) { return to_string(self.device); })
      .def("__repr__", [](const ServiceStatistics& self) {
        return "<xpuruntime.toolkit.ServiceStatistics: " + std::to_string(self.inferences) +
               " inferences, " + std::to_string(self.failures) + " failures>";
      });
}

}  // namespace

void bind_inference_service(nb::module_& m) {
  bind_told(m);
  nb::class_<InferenceService>(m, "InferenceService")
      .def(
          "__init__",
          [](InferenceService* self, const std::string& model, const std::string& session,
             const std::optional<Preprocessing>& preprocessing,
             const std::optional<Preprocessing>& output) {
            new (self) InferenceService(model, config_of(session, preprocessing, output));
          },
          nb::arg("model"), nb::arg("session"), nb::arg("preprocessing").none(),
          nb::arg("output").none())
      .def_static(
          "open",
          [](const std::string& model, const std::string& session,
             const std::optional<Preprocessing>& preprocessing,
             const std::optional<Preprocessing>& output, const std::optional<std::string>& type) {
            const GilRelease release;
            return InferenceService::open(
                model, config_of(session, preprocessing, output),
                type ? std::optional(toolkit::service_type(*type)) : std::nullopt);
          },
          nb::arg("model"), nb::arg("session"), nb::arg("preprocessing").none(),
          nb::arg("output").none(), nb::arg("type").none())
      .def("load", &InferenceService::load, nb::call_guard<GilRelease>())
      .def("available", &InferenceService::available)
      .def("type", [](const InferenceService& self) { return toolkit::to_string(self.type()); })
      .def("info", &InferenceService::info)
      .def("statistics", &InferenceService::statistics)
      .def("predict_image", &InferenceService::predict_image, nb::arg("image"),
           nb::call_guard<GilRelease>())
      .def(
          "switch_to",
          [](InferenceService& self, const std::string& model, const std::string& session,
             const std::optional<Preprocessing>& preprocessing,
             const std::optional<Preprocessing>& output) {
            const GilRelease release;
            self.switch_to(model, config_of(session, preprocessing, output));
          },
          nb::arg("model"), nb::arg("session"), nb::arg("preprocessing").none(),
          nb::arg("output").none())
      .def("close", &InferenceService::close, nb::call_guard<GilRelease>());
  m.def(
      "service_type_of",
      [](const std::string& model, const std::string& session) {
        return toolkit::to_string(
            toolkit::service_type_of(model, session_config_from_json(session)));
      },
      nb::arg("model"), nb::arg("session"));
}

}  // namespace xpuruntime::python
