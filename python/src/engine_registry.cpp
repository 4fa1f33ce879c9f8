// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/engine_registry.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "bindings.h"
#include "gil.h"

namespace xpuruntime::python {
namespace {

void bind_status(nb::module_& m) {
  nb::enum_<OptionType>(m, "OptionType", "Type of an option's value.")
      .value("bool", OptionType::kBool)
      .value("int", OptionType::kInt)
      .value("float", OptionType::kFloat)
      .value("string", OptionType::kString);
  nb::class_<OptionSpec>(m, "OptionSpec",
                         "An option that an engine takes by name. A name that ends in \".*\"\n"
                         "stands for a prefix.")
      .def_ro("name", &OptionSpec::name)
      .def_ro("type", &OptionSpec::type)
      .def_ro("default_value", &OptionSpec::default_value)
      .def_ro("doc", &OptionSpec::doc)
      .def_ro("choices", &OptionSpec::choices, "Empty: any value of the type.")
      .def("__repr__", [](const OptionSpec& self) {
        return "<xpuruntime.OptionSpec " + self.name + "=" + self.default_value + ">";
      });
  nb::class_<EngineStatus>(m, "EngineStatus",
                           "What is known of an engine, whether it can be used or not.")
      .def_ro("name", &EngineStatus::name)
      .def_ro("available", &EngineStatus::available)
      .def_ro("reason", &EngineStatus::reason, "Why it is not available.")
      .def_ro("path", &EngineStatus::path,
              "Of the plug-in; \"\" for one in the program, or not found.")
      .def_ro("version", &EngineStatus::version, "Of the runtime below, as it says it itself.")
      .def_ro("adapter_version", &EngineStatus::adapter_version, "Of the plug-in.")
      .def_ro("formats", &EngineStatus::formats, "File extensions that it loads, without the dot.")
      .def_ro("devices", &EngineStatus::devices, "That it can use now, the best first.")
      .def_ro("options", &EngineStatus::options)
      .def("__repr__", [](const EngineStatus& self) {
        return "<xpuruntime.EngineStatus " + self.name +
               (self.available ? " " + self.version : ": " + self.reason) + ">";
      });
}

/// What engine `python` runs where nobody says another: this interpreter; "" of a program that is
/// none.
std::string own_executable() {
  const nb::object executable = nb::module_::import_("sys").attr("executable");
  return executable.is_none() ? "" : nb::cast<std::string>(executable);
}

}  // namespace

void bind_engine_registry(nb::module_& m) {
  bind_status(m);
  m.def(
      "available_engines",
      [] {
        const std::string python = own_executable();
        const GilRelease release;
        return EngineRegistry::instance().available_engines(python);
      },
      "Names of the engines that can be used now, loading them to find out.");
  m.def(
      "engine_status",
      [] {
        const std::string python = own_executable();
        const GilRelease release;
        return EngineRegistry::instance().engine_status(python);
      },
      "Every known engine, loading them to find out; those that cannot be used say why.\n\n"
      "The first call starts this interpreter once more, for engine `python`.");
  m.def(
      "create_engine",
      [](const std::string& name) {
        return EngineRegistry::instance().create_engine(name)->status();
      },
      nb::arg("name"), nb::call_guard<GilRelease>(),
      "Loads the engine of that name, or the plug-in at that path, and says what it is.\n\n"
      "Raises\n------\n"
      "UnsupportedOperationError\n    There is none of that name.\n"
      "EngineNotInstalledError\n    Its package is missing; says how to install it.\n"
      "UnavailableError\n    It is no plug-in, or one of another ABI version.");
}

}  // namespace xpuruntime::python
