// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Python.h>

#include "gil.h"

namespace xpuruntime::python {

/// The `release` of a tensor over memory of a Python object. Any thread may call it; an interpreter
/// that is gone has freed its objects.
struct ObjectRelease {
  PyObject* object;

  void operator()() const {
    if (!Py_IsInitialized()) return;
    const PyGILState_STATE state = take_gil([] { return PyGILState_Ensure(); });
    Py_DECREF(object);
    PyGILState_Release(state);
  }
};

}  // namespace xpuruntime::python
