// SPDX-License-Identifier: Apache-2.0
#include "stream.h"

#include <utility>

#include "bindings.h"
#include "duration.h"
#include "wait.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

/// For a call without the GIL. `session` lives as long.
NextInput inputs_of(const Session& session, SharedObject items,
                    std::shared_ptr<std::deque<Form>> forms) {
  return [&session, items = std::move(items),
          forms = std::move(forms)]() -> std::optional<NamedTensors> {
    const GilAcquire gil;
    PyObject* item = take_gil([&] { return PyIter_Next(items.get()); });
    if (item == nullptr && PyErr_Occurred() != nullptr) nb::raise_python_error();
    if (item == nullptr) return std::nullopt;
    GivenInputs given = given_inputs(session, nb::steal(item), "an item of the stream");
    forms->push_back(given.form);
    return std::move(given.tensors);
  };
}

/// A stream is used by one caller at a time, begun and ended with the GIL.
class Use {
 public:
  explicit Use(bool& in_use) : in_use_(in_use) {
    if (in_use_) throw InvalidStateError("the stream is in use by another thread");
    in_use_ = true;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { in_use_ = false; }

 private:
  bool& in_use_;
};

void open_stream(Stream* self, nb::handle session, const nb::iterable& items, uint32_t in_flight,
                 nb::handle timeout, bool copy, int32_t priority) {
  nb::cast<Session&>(session).expect_jobs();
  new (self)
      Stream(session, items, in_flight,
             {.timeout = timeout_argument(timeout), .priority = priority, .copy_inputs = copy});
}

int traverse_stream(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return nb::inst_ready(self) ? nb::inst_ptr<Stream>(self)->traverse(visit, arg) : 0;
}

int clear_stream(PyObject* self) {
  nb::inst_ptr<Stream>(self)->close();
  return 0;
}

PyType_Slot stream_slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(traverse_stream)},
                              {Py_tp_clear, reinterpret_cast<void*>(clear_stream)},
                              {0, nullptr}};

}  // namespace

Stream::Stream(nb::handle session, const nb::iterable& items, uint32_t in_flight,
               const RunOptions& options)
    : session_(nb::borrow(session)), items_(shared_object(nb::iter(items))) {
  const auto& opened = nb::cast<const Session&>(session);
  stream_ = opened.session.stream(inputs_of(opened, items_, forms_), in_flight, options);
}

int Stream::traverse(visitproc visit, void* arg) const {
  Py_VISIT(session_.ptr());
  Py_VISIT(items_.get());
  return 0;
}

nb::object Stream::next() {
  const Use use(in_use_);
  if (!stream_) throw nb::stop_iteration();
  wait_for(std::nullopt, [&](std::chrono::nanoseconds slice) { return stream_->ready(slice); });
  // What comes next is a result, the error of a run, or one of taking an input: the last has no
  // form, and is the end.
  Form form = Form::kByName;
  if (!forms_->empty()) {
    form = forms_->front();
    forms_->pop_front();
  }
  const std::optional<NamedTensors> outputs = [&] {
    const GilRelease release;
    return stream_->next();
  }();
  if (!outputs) throw nb::stop_iteration();
  return outputs_in(form, *outputs);
}

void Stream::close() {
  const Use use(in_use_);
  {
    const GilRelease release;
    stream_.reset();
  }
  items_.reset();
}

void bind_stream(nb::module_& m) {
  nb::class_<Stream>(
      m, "RunStream", nb::is_generic(), nb::type_slots(stream_slots),
      nb::sig("class RunStream(Generic[Outputs])"),
      "Results of inputs that come one after the other, in their order.\n\n"
      "An iterator. The error of a run is raised at its place, and the next call goes\n"
      "on with the input after it. Made by ``InferenceSession.stream``.")
      .def("__init__", &open_stream, nb::arg("session"), nb::arg("items"), nb::arg("in_flight"),
           nb::kw_only(), nb::arg("timeout").none(), nb::arg("copy"), nb::arg("priority"),
           nb::sig("def __init__(self, session: InferenceSession, items: Iterable[Mapping[str, "
                   "TensorLike] | Sequence[TensorLike]], in_flight: int, *, timeout: float | None, "
                   "copy: bool, priority: int) -> None"))
      .def(
          "__iter__", [](nb::handle self) { return self; }, nb::sig("def __iter__(self) -> Self"))
      .def("__next__", &Stream::next, nb::sig("def __next__(self) -> Outputs"))
      .def("close", &Stream::close,
           "Cancels the runs whose results nobody took. So does the end of its last reference.")
      .def(
          "__enter__", [](nb::handle self) { return self; }, nb::sig("def __enter__(self) -> Self"))
      .def(
          "__exit__", [](Stream& self, const nb::args&) { self.close(); },
          nb::sig("def __exit__(self, *error: object) -> None"));
}

}  // namespace xpuruntime::python
