// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "host.h"
#include "output_sink.h"
#include "pool_state.h"
#include "tensor_value.h"
#include "xpuruntime/engine/abi.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/report.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// All that crosses the seam in one run, kept from run to run so that a run allocates nothing: the
/// inputs as the engine sees them, the sink, the error. Knows a run that repeats the one before.
/// Serves one run at a time.
class RunFrame {
 public:
  RunFrame(const ModelInfo& info, uint32_t input_alignment, MemoryPool::State& pool);
  RunFrame(const RunFrame&) = delete;
  RunFrame& operator=(const RunFrame&) = delete;

  /// Sets an input for the runs to come; the tensor outlives them, or release().
  /// Throws InvalidArgumentError (dtype, rank, dimension).
  void set_input(size_t i, const Tensor& tensor) {
    if (values_[i].is(tensor)) {
      tensors_[i] = &tensor;
    } else {
      set_input_anew(i, tensor);
    }
  }
  bool has_input(size_t i) const noexcept { return tensors_[i] != nullptr; }
  void clear_input(size_t i) noexcept;
  /// Wants output `i` in that tensor's memory for the runs to come; the tensor outlives them, or
  /// release(). Throws InvalidArgumentError (dtype, read-only).
  void bind_output(size_t i, const Tensor& tensor) {
    if (!sink_.bind_again(i, tensor)) bind_output_anew(i, tensor);
  }
  /// Wants output `i` in any memory.
  void unbind_output(size_t i) noexcept;
  /// Forgets the caller's tensors, but not what they looked like.
  void release() noexcept;
  OutputSink& outputs() noexcept { return sink_; }

  /// After a run that succeeded with all inputs set: if every output is as it was bound, runs of
  /// the same inputs and outputs repeat it.
  void settle() noexcept;
  void unsettle() noexcept { args_.repeat = 0; }
  /// Will the next run be the same as the last one, down to the addresses?
  bool is_settled() const noexcept { return args_.repeat != 0; }
  /// Did the run that just succeeded leave all outputs as they were committed before?
  bool was_repeated() const noexcept { return is_settled() && !sink_.was_used(); }
  /// After a run that failed: lets go of its outputs.
  void discard() noexcept;

  /// Makes ready for a run: copies inputs that lie too badly for the engine, and counts that.
  const xpurt_run_args& begin(xpurt_stream* stream, RunReport* report);
  /// For the runs to come, in nanoseconds on the steady clock; 0: none.
  void set_deadline(int64_t when) noexcept { args_.deadline_ns = when; }
  /// For the runs to come; null: nobody asks for their nodes.
  void set_nodes(const xpurt_node_sink* nodes) noexcept { args_.nodes = nodes; }
  xpurt_error& error() noexcept { return error_; }

 private:
  void set_input_anew(size_t i, const Tensor& tensor);
  void bind_output_anew(size_t i, const Tensor& tensor);
  void copy_misaligned(RunReport* report);
  void begin_anew(RunReport* report);

  const ModelInfo& info_;
  const uint32_t input_alignment_;
  MemoryPool::State& pool_;
  std::vector<const Tensor*> tensors_;
  std::vector<TensorValue> values_;
  std::vector<const xpurt_value*> pointers_;
  std::vector<BufferRef> aligned_copies_;  // empty where the input lies well
  size_t misaligned_ = 0;
  OutputSink sink_;
  xpurt_reporter reporter_;
  xpurt_error error_;
  xpurt_run_args args_{};
  uint64_t ids_left_ = 0;     ///< after args_.run_id, of this frame alone
  const bool takes_strings_;  ///< which engines copy in every run
  uint64_t last_repeat_;      ///< numbers of this frame alone
};

}  // namespace xpuruntime
