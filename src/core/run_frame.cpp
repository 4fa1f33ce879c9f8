// SPDX-License-Identifier: Apache-2.0
#include "run_frame.h"

#include <atomic>
#include <cstring>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

std::atomic<uint64_t> next_run_id{1};

bool fits(const TensorInfo& info, const Tensor& tensor) noexcept {
  if (tensor.dtype() != info.dtype) return false;
  if (!info.has_rank) return true;
  const Shape& shape = tensor.shape();
  if (shape.rank() != info.shape.rank()) return false;
  for (size_t d = 0; d < shape.rank(); ++d) {
    // 0 in a model's declaration means dynamic, as -1 does.
    if (info.shape[d] > 0 && info.shape[d] != shape[d]) return false;
  }
  return true;
}

}  // namespace

void check_tensor(const char* what, const TensorInfo& info, const Tensor& tensor) {
  const std::string where = std::string(what) + " '" + info.name + "'";
  if (!tensor) throw InvalidArgumentError(where + ": the tensor is empty");
  if (tensor.device().type != DeviceType::kCpu) {
    throw UnsupportedOperationError(where + ": the tensor is on " + to_string(tensor.device()) +
                                    "; only host memory can be bound");
  }
  if (!fits(info, tensor)) {
    throw InvalidArgumentError(where + ": expected " + to_string(info) + ", got " +
                               std::string(dtype_name(tensor.dtype())) +
                               to_string(tensor.shape()));
  }
}

RunFrame::RunFrame(const ModelInfo& info, uint32_t input_alignment, MemoryPool::State& pool)
    : info_(info),
      input_alignment_(input_alignment),
      pool_(pool),
      tensors_(info.inputs.size()),
      values_(info.inputs.size()),
      pointers_(info.inputs.size()),
      aligned_copies_(info.inputs.size()),
      sink_(info.outputs, pool) {
  for (xpurt_value& value : values_) {
    value.struct_size = sizeof(xpurt_value);
    value.kind = XPURT_KIND_TENSOR;
  }
  reporter_ = {sizeof(xpurt_reporter), nullptr, [](void* self, uint64_t bytes, const char* why) {
                 static_cast<RunReport*>(self)->copies.push_back({"", bytes, why});
               }};
  args_.struct_size = sizeof(xpurt_run_args);
  args_.inputs = pointers_.data();
  args_.input_count = static_cast<uint32_t>(info.inputs.size());
  args_.output_count = static_cast<uint32_t>(info.outputs.size());
  args_.sink = sink_.table();
}

void RunFrame::set_input(size_t i, const Tensor& tensor) {
  const TensorInfo& info = info_.inputs[i];
  if (!tensor || tensor.device().type != DeviceType::kCpu || !fits(info, tensor)) {
    check_tensor("input", info, tensor);
  }
  clear_input(i);
  xpurt_value& value = values_[i];
  value.dtype = static_cast<int32_t>(tensor.dtype());
  value.rank = static_cast<int32_t>(tensor.shape().rank());
  value.shape = tensor.shape().data();
  value.data = const_cast<void*>(tensor.data());  // not written: the input is not DONATED
  value.byte_size = tensor.byte_size();
  if (reinterpret_cast<uintptr_t>(value.data) % input_alignment_ != 0 && value.byte_size != 0) {
    aligned_copies_[i] = pool_.allocate(value.byte_size);
    value.data = aligned_copies_[i]->data();
    ++misaligned_;
  }
  tensors_[i] = &tensor;
  pointers_[i] = &value;
}

void RunFrame::clear_input(size_t i) noexcept {
  if (aligned_copies_[i]) {
    aligned_copies_[i].reset();
    --misaligned_;
  }
  tensors_[i] = nullptr;
  pointers_[i] = nullptr;
}

void RunFrame::copy_misaligned(RunReport* report) {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (!aligned_copies_[i]) continue;
    std::memcpy(values_[i].data, tensors_[i]->data(), values_[i].byte_size);
    if (report != nullptr) {
      report->copies.push_back({info_.inputs[i].name, values_[i].byte_size,
                                "the engine needs memory aligned to " +
                                    std::to_string(input_alignment_) + " bytes"});
    }
  }
}

const xpurt_run_args& RunFrame::begin(xpurt_stream* stream, RunReport* report) {
  if (misaligned_ != 0) copy_misaligned(report);
  error_.clear();
  sink_.begin(tensors_, report);
  args_.run_id = next_run_id.fetch_add(1, std::memory_order_relaxed);
  args_.stream = stream;
  reporter_.self = report;
  args_.reporter = report != nullptr ? &reporter_ : nullptr;
  return args_;
}

}  // namespace xpuruntime
