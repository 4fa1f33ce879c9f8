// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Python.h>
#include <cxxabi.h>
#include <unistd.h>

namespace xpuruntime::python {

/// Takes the GIL with `take`. When the interpreter ends meanwhile, Python before 3.14 unwinds the
/// thread, which ends a program with C++ frames on that stack; such a thread stays here instead, as
/// it does from 3.14 on.
template <typename Take>
auto take_gil(Take&& take) {
  try {
    return take();
  } catch (abi::__forced_unwind&) {
    while (true) pause();
  }
}

/// Without the GIL in a scope.
class GilRelease {
 public:
  GilRelease() : state_(PyEval_SaveThread()) {}
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;
  ~GilRelease() {
    take_gil([this] { PyEval_RestoreThread(state_); });
  }

 private:
  PyThreadState* state_;
};

}  // namespace xpuruntime::python
