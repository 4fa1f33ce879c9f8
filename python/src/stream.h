// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "inputs.h"
#include "object_release.h"
#include "xpuruntime/run_options.h"
#include "xpuruntime/stream.h"

namespace xpuruntime::python {

/// Results of what an iterator of Python's gives. One thread at a time, which it keeps to.
class Stream {
 public:
  Stream(nb::handle session, const nb::iterable& items, uint32_t in_flight,
         const RunOptions& options);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { close(); }

  nb::object next();  ///< Throws nb::stop_iteration at the end.
  void close();
  int traverse(visitproc visit, void* arg) const;  ///< For Python's collector of cycles.

 private:
  nb::object session_;
  SharedObject items_;  ///< an iterator; what gives the inputs shares it
  /// How the inputs in flight were given, in order; shared with what gives them.
  std::shared_ptr<std::deque<Form>> forms_ = std::make_shared<std::deque<Form>>();
  std::optional<RunStream> stream_;
  bool in_use_ = false;
};

}  // namespace xpuruntime::python
