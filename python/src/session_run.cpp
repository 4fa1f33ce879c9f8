// SPDX-License-Identifier: Apache-2.0
// The runs of a session. This is the path whose every step counts: no string, no look-up by hash of
// characters and no Python function is on it.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "array.h"
#include "duration.h"
#include "inputs.h"
#include "interrupt.h"
#include "io_binding.h"
#include "session.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

/// What a run does besides, when it is asked to report, and how long it may take.
class Reported {
 public:
  Reported(RunReport* to, nb::handle timeout, int32_t priority)
      : to_(to), timeout_(timeout_argument(timeout)), priority_(priority) {}
  Reported(const Reported&) = delete;
  Reported& operator=(const Reported&) = delete;
  /// With the GIL, which a report of Python's needs: the run fills in one of its own.
  ~Reported() {
    if (to_ == nullptr) return;
    run_.copies.insert(run_.copies.begin(), copies_.begin(), copies_.end());
    *to_ = std::move(run_);
  }

  RunOptions options() {
    return {.report = to_ != nullptr ? &run_ : nullptr, .timeout = timeout_, .priority = priority_};
  }
  /// Where the copies of inputs are told; null where nobody asks.
  std::vector<CopyRecord>* copies() { return to_ != nullptr ? &copies_ : nullptr; }

 private:
  RunReport* to_;
  std::optional<std::chrono::nanoseconds> timeout_;
  int32_t priority_;
  RunReport run_;
  std::vector<CopyRecord> copies_;
};

/// For names that are not the model's: the core says which are missing or meant otherwise.
[[noreturn]] void refuse_names(const Session& self, const nb::dict& inputs, Reported& reported) {
  const NamedTensors named = inputs_by_name(inputs, reported.copies());
  run_interruptibly(self.session, [&] { self.session.run(named, reported.options()); });
  throw InternalError("names of inputs were refused, and then taken");
}

std::vector<Tensor> inputs_found(const Session& self, const nb::dict& inputs, Reported& reported) {
  const std::vector<TensorInfo>& infos = self.session.input_info();
  std::vector<Tensor> tensors;
  tensors.reserve(infos.size());
  for (size_t i = 0; i < infos.size(); ++i) {
    PyObject* value = PyDict_GetItemWithError(inputs.ptr(), self.input_names[i].ptr());
    if (value == nullptr) {
      if (PyErr_Occurred() != nullptr) nb::raise_python_error();
      refuse_names(self, inputs, reported);
    }
    check_kind(infos[i]);
    const nb::object held = nb::borrow(value);  // __dlpack__ may do anything, also to the dict
    tensors.emplace_back(input_of(infos[i].name, held, reported.copies()));
  }
  if (inputs.size() != infos.size()) refuse_names(self, inputs, reported);
  return tensors;
}

/// Memory that the caller gives for outputs, and the objects that it gave.
struct Given {
  std::vector<Tensor> tensors;
  std::vector<nb::object> objects;

  explicit Given(size_t count) : tensors(count), objects(count) {}

  void set(size_t i, const std::string& name, nb::handle value) {
    if (value.is_none()) return;
    tensors[i] = writable_tensor_of(value, {"output", name});
    objects[i] = nb::borrow(value);
  }
};

Given given_by_name(const Session& self, const nb::dict& outputs) {
  const std::vector<TensorInfo>& infos = self.session.output_info();
  Given given(infos.size());
  size_t known = 0;
  for (size_t i = 0; i < infos.size(); ++i) {
    if (!outputs.contains(self.output_names[i])) continue;
    given.set(i, infos[i].name, outputs[self.output_names[i]]);
    ++known;
  }
  if (known == outputs.size()) return given;
  std::string names;
  for (const TensorInfo& info : infos) names += (names.empty() ? "" : ", ") + info.name;
  throw InvalidArgumentError("outputs: a name is not one of the model's: " + names);
}

Given given_in_order(const Session& self, nb::handle outputs) {
  const std::vector<TensorInfo>& infos = self.session.output_info();
  Given given(nb::len(outputs));
  size_t i = 0;
  for (const nb::handle value : outputs) {
    given.set(i, name_of(infos, i), value);
    ++i;
  }
  return given;
}

void run_into(const Session& self, std::span<const Tensor> inputs, Given& given,
              Reported& reported) {
  std::vector<Shape> shapes;
  for (const Tensor& tensor : given.tensors) shapes.push_back(tensor.shape());
  run_interruptibly(self.session, [&] {
    self.session.run(inputs, std::span(given.tensors), reported.options());
  });
  for (size_t i = 0; i < given.tensors.size(); ++i) {
    if (given.objects[i].is_valid() && given.tensors[i].shape() == shapes[i]) continue;
    const bool as_tensor = given.objects[i].is_valid() && nb::isinstance<Tensor>(given.objects[i]);
    given.objects[i] = as_tensor ? nb::cast(given.tensors[i]) : array_of(Tensor(given.tensors[i]));
  }
}

std::vector<Tensor> run(const Session& self, std::span<const Tensor> inputs, Reported& reported) {
  return run_interruptibly(self.session,
                           [&] { return self.session.run(inputs, reported.options()); });
}

nb::dict run_by_name(const Session& self, const nb::dict& inputs, nb::handle outputs,
                     nb::handle timeout, int32_t priority, RunReport* report) {
  Reported reported(report, timeout, priority);
  const std::vector<Tensor> tensors = inputs_found(self, inputs, reported);
  nb::dict results;
  if (!outputs.is_none()) {
    Given given = given_by_name(self, dict_of(outputs));
    run_into(self, tensors, given, reported);
    for (size_t i = 0; i < given.objects.size(); ++i) {
      results[self.output_names[i]] = given.objects[i];
    }
    return results;
  }
  std::vector<Tensor> made = run(self, tensors, reported);
  for (size_t i = 0; i < made.size(); ++i) {
    results[self.output_names[i]] = array_of(std::move(made[i]));
  }
  return results;
}

nb::list run_in_order(const Session& self, nb::handle inputs, nb::handle outputs,
                      nb::handle timeout, int32_t priority, RunReport* report) {
  Reported reported(report, timeout, priority);
  const std::vector<Tensor> tensors = inputs_in_order(self, inputs, reported.copies());
  nb::list results;
  if (!outputs.is_none()) {
    Given given = given_in_order(self, outputs);
    run_into(self, tensors, given, reported);
    for (nb::object& object : given.objects) results.append(std::move(object));
    return results;
  }
  for (Tensor& tensor : run(self, tensors, reported)) results.append(array_of(std::move(tensor)));
  return results;
}

nb::object run_row_or_mapping(const Session& self, nb::handle inputs, nb::handle outputs,
                              nb::handle timeout, int32_t priority, RunReport* report) {
  if (is_row(inputs) && (outputs.is_none() || is_row(outputs))) {
    return run_in_order(self, inputs, outputs, timeout, priority, report);
  }
  if (is_mapping(inputs)) {
    return run_by_name(self, dict_of(inputs), outputs, timeout, priority, report);
  }
  throw nb::next_overload();
}

void run_bound(const Session& self, Binding& binding, nb::handle timeout, int32_t priority,
               RunReport* report) {
  const Binding::Use use(binding);
  Reported reported(report, timeout, priority);
  run_interruptibly(self.session, [&] { self.session.run(*use, reported.options()); });
}

}  // namespace

void bind_runs(nb::class_<Session>& session) {
  const auto timeout = nb::arg("timeout").none() = nb::none();
  const auto priority = nb::arg("priority") = 0;
  const auto report = nb::arg("report").none() = nb::none();
  session
      .def("run", &run_by_name, nb::arg("inputs"), nb::arg("outputs").none() = nb::none(),
           nb::kw_only(), timeout, priority, report,
           nb::sig("def run(self, inputs: Mapping[str, TensorLike], outputs: Mapping[str, "
                   "TensorLike | None] | None = None, *, timeout: float | None = None, "
                   "priority: int = 0, report: "
                   "RunReport | None = None) -> dict[str, "
                   "NDArray[Any]]"),
           "Runs the model once, without the GIL.\n\n"
           "Parameters\n----------\n"
           "inputs : dict, list or tuple, or IOBinding\n"
           "    NumPy arrays, Tensors or objects with ``__dlpack__``, by name or in the model's\n"
           "    order. What is contiguous is not copied; dtypes are never cast.\n"
           "outputs : dict or list, optional\n"
           "    Memory to write into, by name or in the model's order; None leaves an output to\n"
           "    the engine. An array that turns out larger comes back as a view of the result.\n"
           "timeout : float, optional\n"
           "    Seconds, of waiting and running together.\n"
           "priority : int\n    Where runs wait for one another, higher ones go first.\n"
           "report : RunReport, optional\n"
           "    Filled in with what the run did, also when it fails.\n\n"
           "Returns\n-------\n"
           "dict or list, as the inputs are; None for an IOBinding\n"
           "    Arrays in the model's order, shaped by the run, over memory that lives as long as\n"
           "    they do, also after the session.\n\n"
           "Raises\n------\n"
           "InvalidArgumentError\n    Name, dtype, rank, dimension, or kind of object.\n"
           "InvalidStateError\n    The session is closed, or this is a callback of its own jobs.\n"
           "DeadlineExceededError\n    `timeout` passed.\n"
           "KeyboardInterrupt\n    Ctrl-C on the main thread, which cancels the run.\n"
           "OutOfMemoryError, EngineError")
      .def("run", &run_bound, nb::arg("binding"), nb::kw_only(), timeout, priority, report,
           nb::sig("def run(self, binding: IOBinding, *, timeout: float | None = None, "
                   "priority: int = 0, report: "
                   "RunReport | None = None) -> None"))
      .def("run", &run_row_or_mapping, nb::arg("inputs"), nb::arg("outputs").none() = nb::none(),
           nb::kw_only(), timeout, priority, report,
           nb::sig("def run(self, inputs: Sequence[TensorLike], outputs: Sequence[TensorLike | "
                   "None] | None = None, *, timeout: float | None = None, priority: "
                   "int = 0, report: RunReport | None "
                   "= None) -> "
                   "list[NDArray[Any]]"))
      .def("run_with_io_binding", &run_bound, nb::arg("binding"), nb::kw_only(), timeout, priority,
           report,
           nb::sig("def run_with_io_binding(self, binding: IOBinding, *, timeout: float | None = "
                   "None, priority: int = 0, report: RunReport | None "
                   "= None) -> None"),
           "``run(binding)``.");
}

}  // namespace xpuruntime::python
