// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/memory_pool.h"

#include "bindings.h"
#include "dtype.h"
#include "gil.h"
#include "shape.h"

namespace xpuruntime::python {

void bind_memory_pool(nb::module_& m) {
  nb::class_<MemoryStatistics>(m, "MemoryStatistics", "What a pool holds and did.")
      .def_ro("in_use_bytes", &MemoryStatistics::in_use_bytes, "Held by tensors.")
      .def_ro("peak_in_use_bytes", &MemoryStatistics::peak_in_use_bytes)
      .def_ro("retained_bytes", &MemoryStatistics::retained_bytes, "Free, kept for reuse.")
      .def_ro("allocations", &MemoryStatistics::allocations, "Taken from the system.")
      .def_ro("reuses", &MemoryStatistics::reuses, "Served from what was kept.");
  nb::class_<MemoryPool>(m, "MemoryPool",
                         "Host memory that is reused at its exact size: what a session's outputs\n"
                         "live in. Thread-safe; tensors and arrays may outlive it.")
      .def(nb::init<uint64_t>(),
           nb::arg("max_retained_bytes") = uint64_t{MemoryPool::kDefaultRetainedBytes},
           "Keeps at most ``max_retained_bytes`` for reuse.")
      .def(
          "allocate",
          [](MemoryPool& self, nb::handle dtype, nb::handle shape) {
            return self.allocate(dtype_argument(dtype), shape_argument(shape));
          },
          nb::arg("dtype"), nb::arg("shape"),
          nb::sig("def allocate(self, dtype: DTypeLike, shape: Sequence[int]) -> Tensor"),
          "A tensor that is not initialised.")
      .def("statistics", &MemoryPool::statistics)
      .def("trim", &MemoryPool::trim, nb::call_guard<GilRelease>(),
           "Gives what is kept for reuse back to the system; returns the bytes.");
}

}  // namespace xpuruntime::python
