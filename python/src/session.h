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

  InferenceSession session;
  std::vector<nb::object> input_names;
  std::vector<nb::object> output_names;
};

/// The runs of a session, by name, in the model's order, and with what is bound.
void bind_runs(nb::class_<Session>& session);

}  // namespace xpuruntime::python
