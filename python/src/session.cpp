// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>

#include "bindings.h"
#include "gil.h"
#include "io_binding.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

/// Interned, as literals are: a look-up compares addresses.
std::vector<nb::object> names_of(const std::vector<TensorInfo>& infos) {
  std::vector<nb::object> names;
  for (const TensorInfo& info : infos) {
    names.push_back(nb::steal(PyUnicode_InternFromString(info.name.c_str())));
  }
  return names;
}

/// Tells Python how far a load is; Ctrl-C or an error in the callback cancels it.
class Progress {
 public:
  explicit Progress(nb::handle callback) : callback_(callback) {}

  bool operator()(const char* phase, uint64_t done, uint64_t total) {
    const nb::gil_scoped_acquire gil;
    if (error_) return false;  // also for what the fallback list has next
    try {
      if (PyErr_CheckSignals() != 0) nb::raise_python_error();
      if (callback_.is_none()) return true;
      const nb::object go_on = callback_(phase, done, total);
      return go_on.is_none() || nb::cast<bool>(nb::bool_(go_on));
    } catch (nb::python_error& error) {
      error_.emplace(std::move(error));
      return false;
    }
  }

  void rethrow() {
    if (error_) throw nb::python_error(std::move(*error_));
  }

 private:
  nb::handle callback_;
  std::optional<nb::python_error> error_;
};

/// The bytes of a model in Python's memory.
class ModelBytes {
 public:
  explicit ModelBytes(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_SIMPLE) != 0) nb::raise_python_error();
  }
  ModelBytes(const ModelBytes&) = delete;
  ModelBytes& operator=(const ModelBytes&) = delete;
  ~ModelBytes() { PyBuffer_Release(&buffer_); }
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(buffer_.buf), static_cast<size_t>(buffer_.len)};
  }

 private:
  Py_buffer buffer_{};
};

InferenceSession load(nb::handle model, const SessionConfig& config) {
  if (nb::isinstance<nb::str>(model)) {
    const std::string path = nb::cast<std::string>(model);
    const GilRelease release;
    return InferenceSession(std::filesystem::path(path), config);
  }
  const ModelBytes content(model);
  const GilRelease release;
  return InferenceSession(content.bytes(), config);
}

void open(Session* self, nb::handle model, std::string engine, std::string device,
          std::vector<std::string> fallback, int32_t threads, uint32_t contexts,
          std::map<std::string, std::string> engine_options, std::string base_folder,
          std::vector<std::string> extra_outputs, nb::handle callback) {
  Progress progress(callback);
  const SessionConfig config{
      .engine = std::move(engine),
      .device = std::move(device),
      .fallback = std::move(fallback),
      .threads = threads,
      .contexts = contexts,
      .engine_options = std::move(engine_options),
      .base_folder = std::move(base_folder),
      .extra_outputs = std::move(extra_outputs),
      .progress = [&progress](const char* phase, uint64_t done, uint64_t total) {
        return progress(phase, done, total);
      }};
  try {
    new (self) Session(load(model, config));
  } catch (const XpuRuntimeError&) {
    progress.rethrow();
    throw;
  }
}

void close(Session& self) {
  const GilRelease release;
  self.session.close();
}

}  // namespace

Session::Session(InferenceSession opened)
    : session(std::move(opened)),
      input_names(names_of(session.input_info())),
      output_names(names_of(session.output_info())) {}

Session::~Session() {
  const GilRelease release;
  const InferenceSession gone(std::move(session));
}

void bind_session(nb::module_& m) {
  nb::class_<Session> session(m, "InferenceSession", "What xpuruntime.InferenceSession stands on.");
  session.def("__init__", &open, nb::arg("model"), nb::kw_only(), nb::arg("engine"),
              nb::arg("device"), nb::arg("fallback"), nb::arg("threads"), nb::arg("contexts"),
              nb::arg("engine_options"), nb::arg("base_folder"), nb::arg("extra_outputs"),
              nb::arg("progress").none(),
              nb::sig("def __init__(self, model: str | Buffer, *, engine: str, device: str, "
                      "fallback: Sequence[str], threads: int, contexts: int, engine_options: "
                      "dict[str, str], base_folder: str, extra_outputs: Sequence[str], progress: "
                      "Callable[[str, int, int], bool | None] | None) -> None"));
  bind_runs(session);
  session
      .def(
          "create_io_binding",
          [](const Session& self) {
            return new Binding(self.session.create_io_binding(), self.session.device());
          },
          "An IOBinding of this session, with nothing bound.")
      .def(
          "warm_up", [](const Session& self, int runs) { self.session.warm_up(runs); },
          nb::arg("runs") = 1, nb::call_guard<GilRelease>(),
          "Runs with zeros, dynamic dimensions taken as 1, so that what an engine sets up on its\n"
          "first run is done. Raises what ``run`` raises.")
      .def_prop_ro(
          "model_info", [](const Session& self) { return self.session.model_info(); },
          "What the model takes, gives and says of itself.")
      .def_prop_ro(
          "input_info", [](const Session& self) { return self.session.input_info(); },
          "The inputs, in the model's order.")
      .def_prop_ro(
          "output_info", [](const Session& self) { return self.session.output_info(); },
          "The outputs, in the model's order.")
      .def_prop_ro(
          "has_dynamic_output",
          [](const Session& self) { return self.session.has_dynamic_output(); },
          "Is some output's shape known only by a run?")
      .def_prop_ro(
          "output_sizes", [](const Session& self) { return self.session.output_sizes(); },
          "Bytes of each output; 0 for a dynamic one.")
      .def_prop_ro(
          "engine_name", [](const Session& self) { return self.session.engine_name(); },
          "The engine that runs.")
      .def_prop_ro(
          "device", [](const Session& self) { return self.session.device(); },
          "The device that it runs on.")
      .def(
          "report", [](const Session& self) { return self.session.report(); },
          "What the session is, what was asked for, and why it is not that.")
      .def_prop_ro(
          "memory", [](const Session& self) -> MemoryPool& { return self.session.memory(); },
          nb::rv_policy::reference_internal, "What outputs without given memory live in.")
      .def("close", &close,
           "Waits for the runs that go on and frees the model; later runs raise\n"
           "InvalidStateError. What runs gave stays. May be called again.")
      .def_prop_ro("is_open", [](const Session& self) { return self.session.is_open(); });
}

}  // namespace xpuruntime::python
