// SPDX-License-Identifier: Apache-2.0
#include "job.h"

#include <nanobind/stl/string.h>
#include <nanobind/typing.h>

#include <string>
#include <utility>

#include "bindings.h"
#include "duration.h"
#include "error.h"
#include "object_release.h"
#include "wait.h"

namespace xpuruntime::python {
namespace {

constexpr const char* kDoc =
    "One asynchronous run. Made by ``InferenceSession.run_async``.\n\n"
    "``await job`` gives its outputs as ``wait`` does, without holding up the event loop; to "
    "cancel\n"
    "the task that awaits cancels the job. Outputs come as the inputs were given, in a dict or in "
    "a\n"
    "list. An error of the run, or of its callback, is raised to each who asks for the outputs.";

RunReport report(const Job& self) {
  RunReport made = self.job.report();
  if (self.copies) {
    made.copies.insert(made.copies.begin(), self.copies->begin(), self.copies->end());
  }
  return made;
}

void when_done(const Job& self, nb::handle call) {
  self.job.when_done([call = shared_object(call)] {
    const GilAcquire gil;
    PyObject* result = take_gil([&] { return PyObject_CallNoArgs(call.get()); });
    if (result == nullptr) PyErr_WriteUnraisable(call.get());
    Py_XDECREF(result);
  });
}

/// asyncio, which takes long to import, is there where somebody awaits.
nb::object await(nb::handle self) {
  return nb::module_::import_("xpuruntime._awaiting").attr("outputs")(self).attr("__await__")();
}

}  // namespace

nb::object Job::wait(std::optional<std::chrono::nanoseconds> timeout) const {
  wait_for(timeout, [&](std::chrono::nanoseconds slice) { return job.done(slice); });
  return outputs_in(form, job.wait(std::chrono::nanoseconds(0)));
}

JobCallback callback_of(nb::handle call, nb::handle user_data, Form form,
                        std::shared_ptr<const std::vector<CopyRecord>> copies) {
  return [call = shared_object(call), user_data = shared_object(user_data), form,
          copies = std::move(copies)](const xpuruntime::Job& job) {
    const GilAcquire gil;
    const nb::object argument = nb::cast(Job{job, form, copies});
    PyObject* result = take_gil([&] {
      return PyObject_CallFunctionObjArgs(call.get(), argument.ptr(), user_data.get(), nullptr);
    });
    if (result == nullptr) throw CallbackError(nb::python_error());
    Py_DECREF(result);
  };
}

void bind_job(nb::module_& m) {
  m.attr("Outputs") = nb::type_var("Outputs");
  nb::class_<Job>(m, "Job", nb::is_generic(), nb::sig("class Job(Generic[Outputs])"), kDoc)
      .def_prop_ro(
          "id", [](const Job& self) { return self.job.id(); },
          "From 1 up, in the order in which a session's jobs came in.")
      .def(
          "done", [](const Job& self) { return self.job.done(); },
          "Has the run ended, and its callback returned? Inside that callback: yes.")
      .def(
          "outputs", [](const Job& self) { return outputs_in(self.form, self.job.outputs()); },
          nb::sig("def outputs(self) -> Outputs"),
          "The outputs of a job that is done.\n\n"
          "Raises\n------\n"
          "InvalidStateError\n    The job is not done.\n"
          "XpuRuntimeError, or what the callback raised\n    Why there are none.")
      .def(
          "wait",
          [](const Job& self, nb::handle timeout) { return self.wait(timeout_argument(timeout)); },
          nb::arg("timeout").none() = nb::none(),
          nb::sig("def wait(self, timeout: float | None = None) -> Outputs"),
          "Waits until the job is done and gives its outputs. Ctrl-C ends the wait.\n\n"
          "Parameters\n----------\n"
          "timeout : float, optional\n    Seconds; the job goes on after them.\n\n"
          "Raises\n------\n"
          "DeadlineExceededError\n    `timeout` passed, or the job's own.\n"
          "InvalidStateError\n    Inside a callback of the same session.\n"
          "XpuRuntimeError, or what the callback raised\n    Why there are no outputs.")
      .def(
          "cancel", [](const Job& self) { return self.job.cancel(); }, nb::call_guard<GilRelease>(),
          "Cancels the job: one that has not begun never runs, one that runs is asked to stop.\n\n"
          "Returns\n-------\n"
          "bool\n    It is certain already that the job gives no outputs, for that reason.")
      .def("report", &report, "What the run did. Raises InvalidStateError before the job is done.")
      .def("when_done", &when_done, nb::arg("call"),
           nb::sig("def when_done(self, call: Callable[[], object]) -> None"),
           "Calls ``call()`` once the job is done: now if it is, else on a thread of the "
           "session's.\n"
           "For event loops; ``await job`` is made of it.")
      .def("__await__", &await, nb::sig("def __await__(self) -> Generator[Any, None, Outputs]"))
      .def("__repr__", [](const Job& self) {
        return "<xpuruntime.Job " + std::to_string(self.job.id()) +
               (self.job.done() ? ", done>" : ">");
      });
}

}  // namespace xpuruntime::python
