// SPDX-License-Identifier: Apache-2.0
/// One function a public header of the toolkit: each adds its classes and functions to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace xpuruntime::python {

namespace nb = nanobind;

void bind_agreement(nb::module_& m);
void bind_summary(nb::module_& m);
void bind_machine(nb::module_& m);
void bind_preprocessing(nb::module_& m);
void bind_inference_service(nb::module_& m);
void bind_devices(nb::module_& m);
void bind_compare(nb::module_& m);
void bind_convert(nb::module_& m);
void bind_gate(nb::module_& m);
void bind_tune(nb::module_& m);

}  // namespace xpuruntime::python
