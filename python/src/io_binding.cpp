// SPDX-License-Identifier: Apache-2.0
#include "io_binding.h"

#include <nanobind/stl/string.h>

#include <string>

#include "array.h"
#include "bindings.h"
#include "device.h"

namespace xpuruntime::python {
namespace {

void check_device(const Place& what, nb::handle wanted, Device device) {
  if (wanted.is_none() || device_argument(wanted) == device) return;
  throw InvalidArgumentError(to_string(what) + ": device " + to_string(device_argument(wanted)) +
                             " was said, but the memory is on " + to_string(device));
}

void bind_input(Binding& self, const std::string& name, nb::handle tensor, nb::handle device) {
  const Place what{"input", name};
  // A copy would not see what is written to the array later.
  Tensor bound = tensor_of(tensor, what, CopyRule::kNever);
  check_device(what, device, bound.device());
  Binding::Use(self)->bind_input(name, std::move(bound));
}

void bind_output(Binding& self, const std::string& name, nb::handle tensor, nb::handle device) {
  const Place what{"output", name};
  if (tensor.is_none()) {
    check_device(what, device, self.device());
    Binding::Use(self)->bind_output(name);
    return;
  }
  Tensor bound = writable_tensor_of(tensor, what);
  check_device(what, device, bound.device());
  Binding::Use(self)->bind_output(name, std::move(bound));
}

nb::dict outputs(Binding& self) {
  const Binding::Use use(self);
  nb::dict arrays;
  for (const auto& [name, tensor] : use->outputs()) arrays[name.c_str()] = array_of(Tensor(tensor));
  return arrays;
}

}  // namespace

void bind_io_binding(nb::module_& m) {
  nb::class_<Binding>(
      m, "IOBinding",
      "Names to memory, set once and run many times with ``session.run(binding)``.\n\n"
      "Keeps alive what it binds. One thread at a time: use during a run raises\n"
      "InvalidStateError. Made by ``InferenceSession.create_io_binding``.")
      .def("bind_input", &bind_input, nb::arg("name"), nb::arg("tensor"),
           nb::arg("device") = nb::none(),
           nb::sig("def bind_input(self, name: str, tensor: TensorLike, device: str | Device | "
                   "None = None) -> None"),
           "Binds an input; replaces what was bound, also with another shape.\n\n"
           "Each run reads the memory as it is then, so an array that would have to be copied is\n"
           "refused. ``device`` may be said, and must be where the memory is.\n\n"
           "Raises\n------\n"
           "InvalidArgumentError\n    Name, dtype, rank, dimension, device, or an overlap with an "
           "output.")
      .def("bind_output", &bind_output, nb::arg("name"), nb::arg("tensor") = nb::none(),
           nb::arg("device") = nb::none(),
           nb::sig("def bind_output(self, name: str, tensor: TensorLike | None = None, device: str "
                   "| Device | None = None) -> None"),
           "Binds an output to memory that each run writes, or leaves it to the engine (None).\n\n"
           "Raises\n------\n"
           "InvalidArgumentError\n    Name, dtype, device, read-only memory, or an overlap.")
      .def(
          "clear", [](Binding& self) { Binding::Use(self)->clear(); }, "Unbinds everything.")
      .def_prop_ro("outputs", &outputs, nb::sig("def outputs(self) -> dict[str, NDArray[Any]]"),
                   "The outputs of the last run, over the bound memory where there is any; empty\n"
                   "before the first run and after one that failed.");
}

}  // namespace xpuruntime::python
