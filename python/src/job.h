// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "inputs.h"
#include "xpuruntime/job.h"

namespace xpuruntime::python {

/// A job, and what its inputs came as.
struct Job {
  xpuruntime::Job job;
  Form form = Form::kByName;
  std::shared_ptr<const std::vector<CopyRecord>> copies{};  ///< made here, of inputs

  nb::object wait(std::optional<std::chrono::nanoseconds> timeout) const;
};

/// Calls Python's `call(job, user_data)`, with the GIL.
JobCallback callback_of(nb::handle call, nb::handle user_data, Form form,
                        std::shared_ptr<const std::vector<CopyRecord>> copies);

}  // namespace xpuruntime::python
