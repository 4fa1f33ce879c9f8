// SPDX-License-Identifier: Apache-2.0
#include "error.h"

#include <string>
#include <string_view>

#include "bindings.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

/// What a class of the error table is in Python besides.
struct Twin {
  std::string_view name;
  PyObject* also;
  const char* doc;
};

Twin twin_of(std::string_view name) {
  const Twin twins[] = {
      {"InvalidArgumentError", PyExc_ValueError,
       "A name, dtype, rank, dimension or option is wrong, or the model file is malformed."},
      {"ModelNotFoundError", PyExc_FileNotFoundError, "There is no such model file."},
      {"UnsupportedOperationError", nullptr,
       "The engine is unknown, or it has not got the operator or option."},
      {"UnavailableError", nullptr, "The engine or device cannot be used now."},
      {"EngineNotInstalledError", PyExc_ImportError,
       "The package of the engine is missing; the message says how to install it."},
      {"InvalidStateError", nullptr, "Not now: the session is closed, or the binding runs."},
      {"OutOfMemoryError", PyExc_MemoryError, "Memory of the host or the device ran out."},
      {"QueueFullError", nullptr, "The queue takes no more."},
      {"DeadlineExceededError", PyExc_TimeoutError, "The deadline passed."},
      {"CancelledError", nullptr, "The load or run was cancelled."},
      {"AgreementError", nullptr, "An engine's numbers are off."},
      {"ModelMismatchError", nullptr, "What was stored is of another model or engine."},
      {"ProtocolError", nullptr, "A worker or client sent what it must not."},
      {"EngineError", nullptr, "The runtime below failed."},
      {"InternalError", nullptr, "A mistake in xpuruntime itself; please report it."},
  };
  for (const Twin& twin : twins) {
    if (twin.name == name) return twin;
  }
  return {name, nullptr, nullptr};
}

constexpr size_t kCodes = 64;
PyObject* classes[kCodes] = {};  // by ErrorCode; 0: the base

nb::object new_class(nb::module_& m, const char* name, nb::tuple bases, const char* doc,
                     nb::dict attributes) {
  const std::string full_name = nb::cast<std::string>(m.attr("__name__")) + "." + name;
  PyObject* made = PyErr_NewExceptionWithDoc(full_name.c_str(), doc, bases.ptr(), attributes.ptr());
  if (made == nullptr) nb::raise_python_error();
  nb::object error_class = nb::steal(made);
  m.attr(name) = error_class;
  return error_class;
}

void add_statuses(nb::dict& attributes, const XpuRuntimeError& error) {
  attributes["exit_code"] = error.exit_code();
  attributes["http_status"] = error.http_status();
  attributes["grpc_status"] = error.grpc_status();
}

void new_error(nb::module_& m, const char* name, const XpuRuntimeError& example, nb::handle base) {
  const Twin twin = twin_of(name);
  nb::dict attributes;
  add_statuses(attributes, example);
  const nb::tuple bases =
      twin.also != nullptr ? nb::make_tuple(base, nb::handle(twin.also)) : nb::make_tuple(base);
  classes[static_cast<size_t>(example.code())] =
      new_class(m, name, bases, twin.doc, attributes).release().ptr();
}

nb::object object_of(const XpuRuntimeError& error) {
  const nb::handle error_class = classes[static_cast<size_t>(error.code())];
  nb::object raised = error_class(error.what());
  const ErrorDetail& detail = error.detail();
  raised.attr("native_code") = detail.native_code;
  raised.attr("retryable") = detail.retryable;
  raised.attr("asked") = detail.asked;
  raised.attr("available") = detail.available;
  return raised;
}

constexpr const char* kCallbackErrors = "xpuruntime._callback_error";

void raise(nb::handle error) { PyErr_SetObject(error.type().ptr(), error.ptr()); }

}  // namespace

CallbackError::CallbackError(nb::python_error&& raised)
    : text_(raised.what()),
      object_(shared_object(
          nb::module_::import_(kCallbackErrors).attr("without_frames")(raised.value()))) {
  // Its class may hold the program's globals, and they the job that keeps it, to the end.
  nb::set_leak_warnings(false);
}

nb::object CallbackError::object() const {
  return nb::module_::import_(kCallbackErrors).attr("to_raise")(nb::handle(object_.get()));
}

nb::object exception_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const XpuRuntimeError& error) {
    return object_of(error);
  } catch (const nb::python_error& error) {
    return nb::borrow(error.value());
  } catch (const CallbackError& error) {
    return error.object();
  } catch (const std::exception& error) {
    return object_of(InternalError(error.what()));
  }
}

void bind_error(nb::module_& m) {
  nb::dict attributes;
  attributes["native_code"] = 0;
  attributes["retryable"] = false;
  attributes["asked"] = 0;
  attributes["available"] = 0;
  add_statuses(attributes, InternalError(""));
  classes[0] = new_class(m, "XpuRuntimeError", nb::make_tuple(nb::handle(PyExc_RuntimeError)),
                         "The base of every error that xpuruntime raises.\n\n"
                         "Attributes\n----------\n"
                         "native_code : int\n    The engine's own code, 0 where it has none.\n"
                         "retryable : bool\n    The same call may succeed later.\n"
                         "asked, available : int\n"
                         "    Bytes or counts, where an amount is at fault; else 0.\n"
                         "exit_code, http_status, grpc_status\n"
                         "    What the command line and servers answer with; of the class.",
                         attributes)
                   .release()
                   .ptr();
#define XPURT_ERROR(name, base, code, exit_code, http, grpc) \
  new_error(m, #name, name(""), m.attr(#base));
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const XpuRuntimeError& error) {
      raise(object_of(error));
    } catch (const CallbackError& error) {
      raise(error.object());
    }
  });
}

}  // namespace xpuruntime::python
