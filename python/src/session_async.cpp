// SPDX-License-Identifier: Apache-2.0
// What a session offers beyond one run after the other.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "duration.h"
#include "error.h"
#include "gil.h"
#include "inputs.h"
#include "interrupt.h"
#include "job.h"
#include "session.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

Job submit(Session& self, nb::handle inputs, nb::handle callback, nb::handle user_data,
           nb::handle timeout, bool copy, int32_t priority) {
  GivenInputs given = given_inputs(self, inputs);
  const RunOptions options{
      .timeout = timeout_argument(timeout), .priority = priority, .copy_inputs = copy};
  const auto copies = std::make_shared<const std::vector<CopyRecord>>(std::move(given.copies));
  const nb::handle called = callback.is_none() ? nb::handle(self.callback) : callback;
  JobCallback call;
  if (called.is_valid()) call = callback_of(called, user_data, given.form, copies);
  self.expect_jobs();
  const GilRelease release;
  return {self.session.run_async(given.tensors, options, std::move(call)), given.form, copies};
}

Job submit_mapping(Session& self, nb::handle inputs, nb::handle callback, nb::handle user_data,
                   nb::handle timeout, bool copy, int32_t priority) {
  if (!is_mapping(inputs)) throw nb::next_overload();
  return submit(self, inputs, callback, user_data, timeout, copy, priority);
}

nb::object wait(const Session& self, nb::handle job, nb::handle timeout) {
  const auto limit = timeout_argument(timeout);
  if (nb::isinstance<Job>(job)) return nb::cast<const Job&>(job).wait(limit);
  return Job{self.session.job(nb::cast<uint64_t>(job))}.wait(limit);
}

void register_callback(Session& self, nb::handle callback) {
  self.callback = callback.is_none() ? nb::object() : nb::borrow(callback);
}

/// The items of a batch that could be taken, and what became of the others.
struct Items {
  std::vector<NamedTensors> taken;
  std::vector<GivenInputs> given;          // one an item; `tensors` have moved to `taken`
  std::vector<std::exception_ptr> errors;  // one an item; null: it was taken
};

Items items_of(const Session& self, nb::handle sequence) {
  Items items;
  for (const nb::handle item : sequence) {
    GivenInputs& given = items.given.emplace_back();
    std::exception_ptr& error = items.errors.emplace_back();
    try {
      const std::string what = "item " + std::to_string(items.given.size() - 1);
      given = given_inputs(self, item, what.c_str());
      items.taken.push_back(std::move(given.tensors));
    } catch (const XpuRuntimeError&) {
      error = std::current_exception();
    }
  }
  return items;
}

nb::object result_of(BatchResult& result, Form form, bool return_exceptions) {
  if (result) return outputs_in(form, result.outputs);
  if (!return_exceptions) std::rethrow_exception(result.error);
  return exception_of(result.error);
}

/// One after the other, in order: what each gave and did.
nb::list results_of(std::vector<BatchResult>& results, const Items& items, bool return_exceptions,
                    nb::handle reports) {
  for (size_t i = 0; i < results.size() && !reports.is_none(); ++i) {
    RunReport report = results[i].report;
    const auto& copies = items.given[i].copies;
    report.copies.insert(report.copies.begin(), copies.begin(), copies.end());
    reports.attr("append")(std::move(report));
  }
  nb::list objects;
  for (size_t i = 0; i < results.size(); ++i) {
    objects.append(result_of(results[i], items.given[i].form, return_exceptions));
  }
  return objects;
}

/// Ctrl-C stops all items that have not run, and raises.
template <typename Inputs>
std::vector<BatchResult> run_batch(const Session& self, const Inputs& inputs, RunOptions options) {
  std::stop_source stop;
  options.stop_token = stop.get_token();
  std::vector<BatchResult> results = run_interruptibly(
      self.session, [&] { return self.session.run_batch(inputs, options); }, &stop);
  if (stop.stop_requested()) raise_if_interrupted();
  return results;
}

nb::list run_items(const Session& self, nb::handle sequence, nb::handle timeout, int32_t priority,
                   bool return_exceptions, nb::handle reports) {
  if (!is_row(sequence)) {
    throw InvalidArgumentError(
        std::string("items: expected a list of items, or a dict of rows, got ") +
        nb::inst_name(sequence).c_str());
  }
  const Items items = items_of(self, sequence);
  const RunOptions options{.timeout = timeout_argument(timeout), .priority = priority};
  std::vector<BatchResult> taken = run_batch(self, std::span(items.taken), options);
  std::vector<BatchResult> results;
  size_t next = 0;
  for (const std::exception_ptr& error : items.errors) {
    results.push_back(error != nullptr ? BatchResult{.error = error} : std::move(taken[next++]));
  }
  return results_of(results, items, return_exceptions, reports);
}

nb::list run_rows(const Session& self, nb::handle rows, nb::handle timeout, int32_t priority,
                  bool return_exceptions, nb::handle reports) {
  if (!is_mapping(rows)) throw nb::next_overload();
  GivenInputs given = given_inputs(self, rows, "rows");
  const RunOptions options{.timeout = timeout_argument(timeout), .priority = priority};
  std::vector<BatchResult> results = run_batch(self, given.tensors, options);
  Items items;
  items.given.assign(results.size(), given);
  return results_of(results, items, return_exceptions, reports);
}

void bind_jobs(nb::class_<Session>& session) {
  const auto none = nb::none();
  session
      .def("run_async", &submit_mapping, nb::arg("inputs"), nb::arg("callback").none() = none,
           nb::arg("user_data").none() = none, nb::arg("timeout").none() = none, nb::kw_only(),
           nb::arg("copy") = true, nb::arg("priority") = 0,
           nb::sig("def run_async(self, inputs: Mapping[str, TensorLike], callback: "
                   "Callable[[Job[dict[str, NDArray[Any]]], Any], object] | None = None, "
                   "user_data: Any = None, timeout: float | None = None, *, copy: bool = True, "
                   "priority: int = 0) -> Job[dict[str, NDArray[Any]]]"),
           "Queues a run and returns.\n\n"
           "Jobs begin in order of priority, then of submission. What is not done when the\n"
           "interpreter ends is cancelled; ``close`` waits for it.\n\n"
           "Parameters\n----------\n"
           "inputs : dict, list or tuple\n    As for ``run``.\n"
           "callback : callable, optional\n"
           "    Called once as ``callback(job, user_data)``, on a thread of the session's, when "
           "the\n"
           "    run has ended or will never be: ``job.outputs()`` gives the tensors, or raises "
           "what\n"
           "    the run failed with. Callbacks of several jobs may come at once. One that raises\n"
           "    fails its job and no other. Inside it, what waits for the session raises.\n"
           "user_data : object, optional\n"
           "timeout : float, optional\n"
           "    Seconds, of waiting and running together; then the job ends as\n"
           "    DeadlineExceededError.\n"
           "copy : bool\n"
           "    The inputs may be written as soon as this returns. False: they are held until the\n"
           "    job is done, and must not change before.\n"
           "priority : int\n    Higher ones begin first.\n\n"
           "Returns\n-------\n"
           "Job\n    To ``wait`` for, ``await`` or ``cancel``.\n\n"
           "Raises\n------\n"
           "InvalidArgumentError\n    The inputs.\n"
           "QueueFullError\n    With ``when_full=\"reject\"``, and where a callback would wait.\n"
           "InvalidStateError\n    The session is closed.\n"
           "OutOfMemoryError\n    There is no room for copies.")
      .def("run_async", &submit, nb::arg("inputs"), nb::arg("callback").none() = none,
           nb::arg("user_data").none() = none, nb::arg("timeout").none() = none, nb::kw_only(),
           nb::arg("copy") = true, nb::arg("priority") = 0,
           nb::sig("def run_async(self, inputs: Sequence[TensorLike], callback: "
                   "Callable[[Job[list[NDArray[Any]]], Any], object] | None = None, user_data: Any "
                   "= None, timeout: float | None = None, *, copy: bool = True, priority: int = 0) "
                   "-> Job[list[NDArray[Any]]]"))
      .def("wait", &wait, nb::arg("job"), nb::arg("timeout").none() = none,
           nb::sig("def wait(self, job: Job[Outputs] | int, timeout: float | None = None) -> "
                   "Outputs | dict[str, NDArray[Any]]"),
           "``job.wait(timeout)``; of an id, whose outputs are a dict.\n\n"
           "Ids are known of jobs that wait or run, and of the last `queue_size` that ended, as "
           "long\n"
           "as there is a Job or nobody waited for them; else InvalidArgumentError.")
      .def(
          "register_callback", &register_callback, nb::arg("callback").none(),
          nb::sig("def register_callback(self, callback: Callable[[Job[Any], Any], object] | None) "
                  "-> None"),
          "What ``run_async`` takes as the callback from now on where it is given none; None:\n"
          "nothing.");
}

void bind_batches(nb::class_<Session>& session) {
  const auto none = nb::none();
  session
      .def(
          "run_batch", &run_rows, nb::arg("items"), nb::kw_only(), nb::arg("timeout").none() = none,
          nb::arg("priority") = 0, nb::arg("return_exceptions") = false,
          nb::arg("reports").none() = none,
          nb::sig("def run_batch(self, items: Mapping[str, TensorLike], *, timeout: float | None "
                  "= None, priority: int = 0, return_exceptions: bool = False, reports: "
                  "list[RunReport] | None = "
                  "None) -> list[Any]"),
          "Runs all items, joined into as few runs as `max_batch_size` allows.\n\n"
          "Parameters\n----------\n"
          "items : list of dicts or of lists, or a dict\n"
          "    Inputs of one item each, with any number of rows; or of a dict, each row is an "
          "item.\n"
          "timeout : float, optional\n    Seconds, for all of them.\n"
          "priority : int\n    Where runs wait for one another, higher ones go first.\n"
          "return_exceptions : bool\n"
          "    An item that fails fails alone: its place holds its exception. False: the first of\n"
          "    them is raised, when all items have run.\n"
          "reports : list, optional\n    A RunReport of each item's run is appended.\n\n"
          "Returns\n-------\n"
          "list\n"
          "    In order, outputs in a dict or list as the item was. Those of items that were "
          "joined\n"
          "    share memory, which is released with the last of them.")
      .def("run_batch", &run_items, nb::arg("items"), nb::kw_only(),
           nb::arg("timeout").none() = none, nb::arg("priority") = 0,
           nb::arg("return_exceptions") = false, nb::arg("reports").none() = none,
           nb::sig("def run_batch(self, items: Sequence[Mapping[str, TensorLike] | "
                   "Sequence[TensorLike]], *, timeout: float | None = None, priority: int = 0, "
                   "return_exceptions: "
                   "bool = False, reports: list[RunReport] | None = None) -> list[Any]"));
}

}  // namespace

void bind_async_runs(nb::class_<Session>& session) {
  bind_jobs(session);
  bind_batches(session);
}

}  // namespace xpuruntime::python
