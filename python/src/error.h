// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <exception>
#include <string>

#include "object_release.h"

namespace xpuruntime::python {

namespace nb = nanobind;

/// What a callback of Python's raised: the error of its job, raised again by each who asks. Unlike
/// nb::python_error it may be thrown more than once, and let go of on any thread at any time.
class CallbackError : public std::exception {
 public:
  explicit CallbackError(nb::python_error&& raised);  ///< With the GIL.
  const char* what() const noexcept override { return text_.c_str(); }
  nb::object object() const;  ///< To be raised. With the GIL.

 private:
  std::string text_;
  SharedObject object_;
};

/// The Python exception that stands for a thrown one.
nb::object exception_of(const std::exception_ptr& thrown);

}  // namespace xpuruntime::python
