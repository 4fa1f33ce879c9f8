// SPDX-License-Identifier: Apache-2.0
/// Whether a tensor can be a model's input, or take its output.
#pragma once

#include <span>

#include "xpuruntime/model_info.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// Throws InvalidArgumentError (empty, dtype, rank, static dimensions), UnsupportedOperationError
/// (not in host memory).
void check_input(const TensorInfo& info, const Tensor& tensor);
/// The same for memory that an output is to be written to; also InvalidArgumentError when it is
/// read-only. For a dynamic output the shape is not looked at: its bytes are what there is room
/// for.
void check_output(const TensorInfo& info, const Tensor& tensor);
/// Throws InvalidArgumentError when an output overlaps another output or an input: the engine would
/// write what it still reads. Empty tensors are passed over.
void check_overlap(const ModelInfo& info, std::span<const Tensor> inputs,
                   std::span<const Tensor> outputs);

}  // namespace xpuruntime
