// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "inputs.h"
#include "xpuruntime/run_options.h"
#include "xpuruntime/stream.h"

namespace xpuruntime::python {

/// Results of what an iterator of Python's gives. One thread at a time, which it keeps to.
class Stream {
 public:
  Stream(const Session& session, const nb::iterator& items, uint32_t in_flight,
         const RunOptions& options);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { close(); }

  nb::object next();  ///< Throws nb::stop_iteration at the end.
  void close();

 private:
  /// How the inputs in flight were given, in order; their names end with the stream.
  std::shared_ptr<std::deque<Form>> forms_ = std::make_shared<std::deque<Form>>();
  std::optional<RunStream> stream_;
  bool in_use_ = false;
};

}  // namespace xpuruntime::python
