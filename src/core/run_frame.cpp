// SPDX-License-Identifier: Apache-2.0
#include "run_frame.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <string>

#include "tensor_check.h"

namespace xpuruntime {
namespace {

/// Frames take run ids by the block, so that runs on many threads do not meet here.
constexpr uint64_t kIdBlock = 4096;
std::atomic<uint64_t> next_id_block{1};
/// A frame's repeat numbers are those from its own on that follow at this distance.
constexpr uint64_t kFrames = uint64_t{1} << 32;
std::atomic<uint32_t> next_frame{1};

/// Called by engines: nothing may be thrown through them.
void report_copy(void* report, uint64_t bytes, const char* why) noexcept {
  try {
    static_cast<RunReport*>(report)->copies.push_back({"", bytes, why != nullptr ? why : ""});
  } catch (const std::bad_alloc&) {
    // A line of a report is not worth a run.
  }
}

}  // namespace

RunFrame::RunFrame(const ModelInfo& info, uint32_t input_alignment, MemoryPool::State& pool)
    : info_(info),
      input_alignment_(input_alignment),
      pool_(pool),
      tensors_(info.inputs.size()),
      values_(info.inputs.size()),
      pointers_(info.inputs.size()),
      aligned_copies_(info.inputs.size()),
      sink_(info.outputs, pool),
      takes_strings_(std::ranges::any_of(
          info.inputs, [](const TensorInfo& input) { return input.dtype == DType::kString; })),
      last_repeat_(next_frame.fetch_add(1, std::memory_order_relaxed)) {
  reporter_ = {sizeof(xpurt_reporter), nullptr, report_copy};
  args_.struct_size = sizeof(xpurt_run_args);
  args_.inputs = pointers_.data();
  args_.input_count = static_cast<uint32_t>(info.inputs.size());
  args_.output_count = static_cast<uint32_t>(info.outputs.size());
  args_.sink = sink_.table();
}

void RunFrame::set_input_anew(size_t i, const Tensor& tensor) {
  check_input(info_.inputs[i], tensor);
  clear_input(i);
  values_[i].set(tensor);
  if (reinterpret_cast<uintptr_t>(tensor.data()) % input_alignment_ != 0 &&
      tensor.byte_size() != 0 && tensor.dtype() != DType::kString) {
    aligned_copies_[i] = pool_.allocate(tensor.byte_size());
    values_[i].move_to(aligned_copies_[i]->data());
    ++misaligned_;
  }
  tensors_[i] = &tensor;
  pointers_[i] = values_[i].get();
}

void RunFrame::clear_input(size_t i) noexcept {
  unsettle();
  if (aligned_copies_[i]) {
    aligned_copies_[i].reset();
    --misaligned_;
  }
  values_[i].clear();
  tensors_[i] = nullptr;
  pointers_[i] = nullptr;
}

void RunFrame::bind_output_anew(size_t i, const Tensor& tensor) {
  check_output(info_.outputs[i], tensor);
  unsettle();
  sink_.bind(i, tensor);
}

void RunFrame::unbind_output(size_t i) noexcept {
  unsettle();
  sink_.unbind(i);
}

void RunFrame::release() noexcept {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    tensors_[i] = nullptr;
    if (aligned_copies_[i]) clear_input(i);
  }
  sink_.unbind_all();
}

void RunFrame::copy_misaligned(RunReport* report) {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (!aligned_copies_[i]) continue;
    if (aligned_copies_[i]->is_shared()) {  // an output of an earlier run lies in it
      aligned_copies_[i] = pool_.allocate(values_[i]->byte_size);
      values_[i].move_to(aligned_copies_[i]->data());
    }
    std::memcpy(values_[i]->data, tensors_[i]->data(), values_[i]->byte_size);
    if (report != nullptr) {
      report->copies.push_back(
          {info_.inputs[i].name, values_[i]->byte_size,
           "the engine needs memory aligned to " + std::to_string(input_alignment_) + " bytes"});
    }
  }
}

const xpurt_run_args& RunFrame::begin(xpurt_stream* stream, RunReport* report) {
  if (is_settled()) {
    sink_.begin_again(report);
  } else {
    begin_anew(report);
  }
  if (error_.code != XPURT_OK) error_.clear();
  if (ids_left_ == 0) {
    args_.run_id = next_id_block.fetch_add(1, std::memory_order_relaxed) * kIdBlock;
    ids_left_ = kIdBlock;
  }
  ++args_.run_id;
  --ids_left_;
  args_.stream = stream;
  reporter_.self = report;
  args_.reporter = report != nullptr ? &reporter_ : nullptr;
  return args_;
}

void RunFrame::begin_anew(RunReport* report) {
  if (misaligned_ != 0) copy_misaligned(report);
  sink_.begin(tensors_, aligned_copies_, report);
}

void RunFrame::settle() noexcept {
  if (misaligned_ != 0 || takes_strings_ || !sink_.all_as_bound()) {
    unsettle();
  } else if (args_.repeat == 0) {
    args_.repeat = last_repeat_ += kFrames;
  }
}

void RunFrame::discard() noexcept {
  unsettle();
  sink_.discard();
}

}  // namespace xpuruntime
