// SPDX-License-Identifier: Apache-2.0
#include "session.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>

#include "bindings.h"
#include "duration.h"
#include "gil.h"
#include "interrupt.h"
#include "io_binding.h"
#include "profiler.h"
#include "wait.h"
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

NamedTensors::Names list_of(const std::vector<TensorInfo>& infos) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (const TensorInfo& info : infos) names->push_back(info.name);
  return names;
}

/// Sessions that have or had jobs; used with the GIL.
std::vector<Session*>& sessions_with_jobs() {
  static std::vector<Session*> sessions;
  return sessions;
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

/// A word of a few, as what it stands for.
template <typename Value>
Value one_of(const char* what, const std::string& word,
             std::initializer_list<std::pair<const char*, Value>> words) {
  std::string known;
  for (const auto& [name, value] : words) {
    if (word == name) return value;
    known += std::string(known.empty() ? "" : " or ") + "'" + name + "'";
  }
  throw InvalidArgumentError(std::string(what) + ": expected " + known + ", got '" + word + "'");
}

void open(Session* self, nb::handle model, std::string engine, std::string device,
          std::vector<std::string> fallback, int32_t threads, uint32_t contexts,
          uint32_t queue_size, const std::string& when_full, uint32_t max_batch_size,
          const SharedProfiler* profiler, std::map<std::string, std::string> engine_options,
          std::string base_folder, std::vector<std::string> extra_outputs, std::string precision,
          const KernelPolicy& kernel_policy, std::string cache_dir,
          const std::map<std::string, std::vector<int64_t>>& shapes, const std::string& isolation,
          std::string transport, std::string python_executable, std::string model_factory,
          std::vector<SessionValidator> validators, nb::handle callback) {
  Progress progress(callback);
  std::map<std::string, Shape> fixed;
  for (const auto& [input, dims] : shapes) fixed.emplace(input, Shape(std::span(dims)));
  const SessionConfig config{
      .engine = std::move(engine),
      .device = std::move(device),
      .fallback = std::move(fallback),
      .precision = std::move(precision),
      .kernel_policy = kernel_policy,
      .cache_dir = std::move(cache_dir),
      .shapes = std::move(fixed),
      .threads = threads,
      .contexts = contexts,
      .queue_size = queue_size,
      .when_full = one_of<WhenFull>("when_full", when_full,
                                    {{"block", WhenFull::kBlock}, {"reject", WhenFull::kReject}}),
      .max_batch_size = max_batch_size,
      .profiler = profiler != nullptr ? profiler->profiler : nullptr,
      .engine_options = std::move(engine_options),
      .base_folder = std::move(base_folder),
      .extra_outputs = std::move(extra_outputs),
      .validators = std::move(validators),
      .isolation = one_of<Isolation>(
          "isolation", isolation, {{"none", Isolation::kNone}, {"process", Isolation::kProcess}}),
      .transport = std::move(transport),
      .python_executable = std::move(python_executable),
      .model_factory = std::move(model_factory),
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

void close_by(Session& self, CloseMode mode, std::optional<std::chrono::nanoseconds> timeout) {
  const bool is_closed = wait_for(timeout, [&](std::chrono::nanoseconds slice) {
    try {
      self.session.close(mode, slice);
      return true;
    } catch (const DeadlineExceededError&) {
      return false;
    }
  });
  if (is_closed) return;
  const GilRelease release;
  self.session.close(mode, std::chrono::nanoseconds(0));  // says so
}

void close(Session& self, const std::string& mode, nb::handle timeout) {
  close_by(self,
           one_of<CloseMode>("mode", mode,
                             {{"drain", CloseMode::kDrain}, {"cancel", CloseMode::kCancel}}),
           timeout_argument(timeout));
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  PyObject* callback = nb::inst_ptr<Session>(self)->callback.ptr();
  Py_VISIT(callback);
  return 0;
}

int clear(PyObject* self) {
  nb::inst_ptr<Session>(self)->callback.reset();
  return 0;
}

PyType_Slot slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(clear)},
                       {0, nullptr}};

void bind_validator(nb::module_& m) {
  nb::class_<SessionValidator>(m, "SessionValidator",
                               "Judges a session before it opens; ``xpuruntime.gate`` makes one.")
      .def_ro("name", &SessionValidator::name, "For reports and messages.")
      .def(
          "check",
          [](const SessionValidator& self, const Session& session) { self.check(session.session); },
          nb::arg("session"), nb::call_guard<GilRelease>(),
          nb::sig("def check(self, session: InferenceSession) -> None"),
          "Judges a session that is open. Raises AgreementError.")
      .def("__repr__", [](const SessionValidator& self) {
        return "<xpuruntime.SessionValidator " + self.name + ">";
      });
}

}  // namespace

Session::Session(InferenceSession opened)
    : session(std::move(opened)),
      input_names(names_of(session.input_info())),
      output_names(names_of(session.output_info())),
      input_list(list_of(session.input_info())) {
  MainRun::watch();
}

Session::~Session() {
  if (has_jobs_) std::erase(sessions_with_jobs(), this);
  if (has_jobs_ && is_finalizing()) {
    // A thread of the session may rest for ever where it asked for the GIL: it is not waited for.
    new InferenceSession(std::move(session));
    return;
  }
  const GilRelease release;
  const InferenceSession gone(std::move(session));
}

void Session::expect_jobs() {
  if (has_jobs_) return;
  sessions_with_jobs().push_back(this);
  has_jobs_ = true;
}

void end_jobs_at_exit() {
  constexpr std::chrono::seconds kPatience{1};  // with engines that do not heed a cancel
  std::vector<nb::object> sessions;             // others may let go of them meanwhile
  for (Session* each : sessions_with_jobs()) sessions.push_back(nb::find(*each));
  for (const nb::object& each : sessions) {
    try {
      close_by(nb::cast<Session&>(each), CloseMode::kCancel, kPatience);
    } catch (const DeadlineExceededError&) {
      nb::set_leak_warnings(false);  // a thread that goes on holds what it does
    }
  }
}

void bind_session(nb::module_& m) {
  bind_validator(m);
  nb::class_<Session> session(m, "InferenceSession", nb::type_slots(slots),
                              "What xpuruntime.InferenceSession stands on.");
  nb::module_::import_("atexit").attr("register")(nb::cpp_function(&end_jobs_at_exit));
  session.def(
      "__init__", &open, nb::arg("model"), nb::kw_only(), nb::arg("engine"), nb::arg("device"),
      nb::arg("fallback"), nb::arg("threads"), nb::arg("contexts"), nb::arg("queue_size"),
      nb::arg("when_full"), nb::arg("max_batch_size"), nb::arg("profiler").none(),
      nb::arg("engine_options"), nb::arg("base_folder"), nb::arg("extra_outputs"),
      nb::arg("precision"), nb::arg("kernel_policy"), nb::arg("cache_dir"), nb::arg("shapes"),
      nb::arg("isolation"), nb::arg("transport"), nb::arg("python_executable"),
      nb::arg("model_factory"), nb::arg("validators"), nb::arg("progress").none(),
      nb::sig("def __init__(self, model: str | Buffer, *, engine: str, device: str, "
              "fallback: Sequence[str], threads: int, contexts: int, queue_size: "
              "int, when_full: str, max_batch_size: int, profiler: Profiler | None, "
              "engine_options: dict[str, str], base_folder: str, extra_outputs: "
              "Sequence[str], precision: str, kernel_policy: KernelPolicy, cache_dir: str, shapes: "
              "Mapping[str, Sequence[int]], isolation: str, transport: str, python_executable: "
              "str, model_factory: str, validators: Sequence[SessionValidator], progress: "
              "Callable[[str, int, int], bool | None] | None) -> None"));
  bind_runs(session);
  bind_async_runs(session);
  session
      .def(
          "create_io_binding",
          [](const Session& self) {
            return new Binding(self.session.create_io_binding(), self.session.device());
          },
          "An IOBinding of this session, with nothing bound.")
      .def(
          "warm_up",
          [](const Session& self, int runs) {
            run_interruptibly(self.session, [&] { self.session.warm_up(runs); });
          },
          nb::arg("runs") = 1,
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
      .def(
          "statistics", [](const Session& self) { return self.session.statistics(); },
          "How long the last runs took.")
      .def(
          "close", &close, nb::arg("mode") = "drain", nb::arg("timeout").none() = nb::none(),
          nb::sig("def close(self, mode: Literal[\"drain\", \"cancel\"] = \"drain\", timeout: "
                  "float | None = None) -> None"),
          "Takes no more runs, which raise InvalidStateError from now on, waits for those that go\n"
          "on and for jobs, and frees the model. What runs gave stays. May be called again.\n\n"
          "Parameters\n----------\n"
          "mode : {\"drain\", \"cancel\"}\n    What becomes of jobs: they are done, or cancelled.\n"
          "timeout : float, optional\n    Seconds.\n\n"
          "Raises\n------\n"
          "DeadlineExceededError\n    Runs go on after `timeout`; call again to go on.\n"
          "InvalidStateError\n    Inside a callback of its own jobs.")
      .def_prop_ro("is_open", [](const Session& self) { return self.session.is_open(); });
}

}  // namespace xpuruntime::python
