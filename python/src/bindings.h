// SPDX-License-Identifier: Apache-2.0
/// One function a public header: each adds its classes and functions to the module.
#pragma once

#include <nanobind/nanobind.h>

namespace xpuruntime::python {

namespace nb = nanobind;

void bind_error(nb::module_& m);
void bind_dtype(nb::module_& m);
void bind_device(nb::module_& m);
void bind_tensor(nb::module_& m);
void bind_model_info(nb::module_& m);
void bind_cache(nb::module_& m);
void bind_kernel_policy(nb::module_& m);
void bind_report(nb::module_& m);
void bind_statistics(nb::module_& m);
void bind_profiler(nb::module_& m);
void bind_job(nb::module_& m);
void bind_stream(nb::module_& m);
void bind_memory_pool(nb::module_& m);
void bind_engine_registry(nb::module_& m);
void bind_io_binding(nb::module_& m);
void bind_session(nb::module_& m);

}  // namespace xpuruntime::python
