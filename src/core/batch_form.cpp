// SPDX-License-Identifier: Apache-2.0
#include "batch_form.h"

#include <algorithm>
#include <cstring>

#include "buffer.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// Does each part begin where the one before ends, in the same buffer?
bool are_in_line(std::span<const JobPtr> jobs, size_t i) {
  for (size_t k = 1; k < jobs.size(); ++k) {
    const Tensor& before = jobs[k - 1]->inputs[i];
    const Tensor& part = jobs[k]->inputs[i];
    if (TensorAccess::buffer(part) != TensorAccess::buffer(before) ||
        part.data() != static_cast<const std::byte*>(before.data()) + before.byte_size()) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool can_join_rows(const ModelInfo& info) {
  const auto dynamic = [](const TensorInfo& each) {
    return each.has_rank && each.shape.rank() > 0 && each.shape[0] <= 0 &&
           element_bits(each.dtype) >= 8;
  };
  return !info.inputs.empty() && std::ranges::all_of(info.inputs, dynamic) &&
         std::ranges::all_of(info.outputs, dynamic);
}

int64_t rows_of(std::span<const Tensor> inputs) {
  int64_t rows = 0;
  for (const Tensor& input : inputs) {
    if (input.shape().rank() == 0) return 0;
    if (rows != 0 && input.shape()[0] != rows) return 0;
    rows = input.shape()[0];
  }
  return rows;
}

bool differ_in_rows_only(std::span<const Tensor> a, std::span<const Tensor> b) {
  return std::ranges::equal(a, b, [](const Tensor& left, const Tensor& right) {
    return std::ranges::equal(left.shape().dims().subspan(1), right.shape().dims().subspan(1));
  });
}

void end_all(std::span<const JobPtr> jobs, const std::exception_ptr& error) {
  for (const JobPtr& job : jobs) {
    if (!job->has_ended()) job->end(error);
  }
}

Tensor join_input(std::span<const JobPtr> jobs, size_t i, MemoryPool& memory) {
  int64_t rows = 0;
  size_t bytes = 0;
  for (const JobPtr& job : jobs) {
    rows += job->rows;
    bytes += job->inputs[i].byte_size();
  }
  const Tensor& first = jobs.front()->inputs[i];
  std::vector<int64_t> dims(first.shape().begin(), first.shape().end());
  dims[0] = rows;
  const Shape shape{std::span<const int64_t>(dims)};
  if (are_in_line(jobs, i)) {
    return TensorAccess::make(BufferRef::share(TensorAccess::buffer(first)),
                              const_cast<void*>(first.data()), bytes, first.dtype(), shape);
  }
  Tensor joined = memory.allocate(first.dtype(), shape);
  auto* to = static_cast<std::byte*>(joined.mutable_data());
  for (const JobPtr& job : jobs) {
    const Tensor& part = job->inputs[i];
    if (part.byte_size() != 0) std::memcpy(to, part.data(), part.byte_size());
    to += part.byte_size();
  }
  return joined;
}

std::vector<Tensor> slice_all(std::span<const Tensor> outputs, int64_t begin, int64_t end) {
  std::vector<Tensor> slices;
  slices.reserve(outputs.size());
  for (const Tensor& output : outputs) slices.push_back(output.slice(begin, end));
  return slices;
}

}  // namespace xpuruntime
