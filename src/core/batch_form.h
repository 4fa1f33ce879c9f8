// SPDX-License-Identifier: Apache-2.0
/// Which models and inputs can be joined along the first dimension.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "job_state.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// Is the first dimension of all inputs and outputs a dynamic one, of rows that begin at a byte?
bool can_join_rows(const ModelInfo& info);
/// The size of the first dimension if all inputs have the same, else 0.
int64_t rows_of(std::span<const Tensor> inputs);
/// For inputs of one model: are all dimensions but the first the same?
bool differ_in_rows_only(std::span<const Tensor> a, std::span<const Tensor> b);

/// Ends those that have not ended with that error.
void end_all(std::span<const JobPtr> jobs, const std::exception_ptr& error);

/// Input `i` of all jobs in one tensor: without a copy where they lie one behind the other in one
/// buffer, as slices of a tensor do. Throws OutOfMemoryError.
Tensor join_input(std::span<const JobPtr> jobs, size_t i, MemoryPool& memory);
/// Output rows [begin, end) of every output, in the same memory.
std::vector<Tensor> slice_all(std::span<const Tensor> outputs, int64_t begin, int64_t end);

}  // namespace xpuruntime
