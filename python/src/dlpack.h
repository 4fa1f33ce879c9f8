// SPDX-License-Identifier: Apache-2.0
/// Tensors in and out through DLPack 1.x (dmlc.github.io/dlpack/latest).
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>
#include <vector>

#include "array.h"
#include "xpuruntime/report.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::python {

namespace nb = nanobind;

/// A capsule for a consumer: the versioned struct where it takes that, else the older one, which
/// cannot say that memory is read-only. Raises BufferError for what DLPack cannot say.
nb::object dlpack_of(const Tensor& tensor, bool versioned, bool is_copy);

/// (device type, device id), as __dlpack_device__ gives them.
nb::tuple dlpack_device_of(Device device);

/// A tensor over what `value.__dlpack__()` gives, on its device.
/// Throws InvalidArgumentError (device, dtype, or a copy that `rule` forbids).
Tensor tensor_of_dlpack(nb::handle value, const Place& what, CopyRule rule,
                        std::vector<CopyRecord>* copies);

}  // namespace xpuruntime::python
