// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include <functional>

#include "xpuruntime/tensor.h"

namespace xpuruntime::benchmarks {

/// What a careful author writes against ONNX Runtime's C API by hand, for a model with input "x"
/// and output "y" in memory that is given. Each function can be called until the program ends; the
/// tensors' memory has to live as long.

/// Run with values made beforehand: the baseline.
std::function<void()> bare_run(const OrtApi& api, OrtSession* session, Tensor x, Tensor y);
/// RunWithBinding, everything bound beforehand.
std::function<void()> bare_bound_run(const OrtApi& api, OrtSession* session, Tensor x, Tensor y);
/// Run with an output that ONNX Runtime allocates, released after each run.
std::function<void()> bare_run_own_output(const OrtApi& api, OrtSession* session, Tensor x);

}  // namespace xpuruntime::benchmarks
