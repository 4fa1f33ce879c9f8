// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "gil.h"

namespace xpuruntime::python {

/// The `release` of a tensor over memory of a Python object. Any thread may call it; an interpreter
/// that is gone has freed its objects.
struct ObjectRelease {
  PyObject* object;

  void operator()() const {
    if (has_gil()) {
      Py_DECREF(object);
    } else if (Py_IsInitialized()) {
      const GilAcquire gil;
      Py_DECREF(object);
    }
  }
};

/// A reference that any thread may copy and let go of.
using SharedObject = std::shared_ptr<PyObject>;

inline SharedObject shared_object(nanobind::handle object) {
  return {object.inc_ref().ptr(), [](PyObject* held) { ObjectRelease{held}(); }};
}

}  // namespace xpuruntime::python
