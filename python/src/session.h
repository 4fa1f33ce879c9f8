// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "xpuruntime/session.h"

namespace xpuruntime::python {

namespace nb = nanobind;

/// A session, and its names as Python's strings, so that a run makes none.
class Session {
 public:
  explicit Session(InferenceSession opened);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// From now on the session has jobs, which the end of the interpreter cancels.
  void expect_jobs();

  InferenceSession session;
  std::vector<nb::object> input_names;
  std::vector<nb::object> output_names;
  NamedTensors::Names input_list;  ///< for inputs in the model's order
  nb::object callback;             ///< of jobs that have none of their own; null: there is none

 private:
  bool has_jobs_ = false;
};

/// Cancels the jobs of all sessions. Later, threads of the library do not get the GIL any more.
void end_jobs_at_exit();

/// The runs of a session, by name, in the model's order, and with what is bound.
void bind_runs(nb::class_<Session>& session);
/// Its jobs, batches and streams.
void bind_async_runs(nb::class_<Session>& session);

}  // namespace xpuruntime::python
