// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "buffer.h"
#include "host.h"
#include "pool_state.h"
#include "tensor_value.h"
#include "xpuruntime/engine/abi.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/report.h"

namespace xpuruntime {

/// Where one run's outputs go: the host's side of xpurt_sink. Static, dynamic, bound and
/// handed-out outputs all pass here, and none is published before the run has succeeded.
/// Serves one run at a time.
class OutputSink {
 public:
  OutputSink(const std::vector<TensorInfo>& infos, MemoryPool::State& pool);
  OutputSink(const OutputSink&) = delete;
  OutputSink& operator=(const OutputSink&) = delete;

  const xpurt_sink* table() const noexcept { return &table_; }

  /// Wants output `i` in that tensor's memory. The tensor outlives the runs.
  void bind(size_t i, const Tensor& tensor);
  /// The same, if it looks like the one that was bound last.
  bool bind_again(size_t i, const Tensor& tensor) noexcept {
    Slot& slot = slots_[i];
    if (!slot.bound_value.is(tensor) || TensorAccess::buffer(tensor)->read_only()) return false;
    slot.bound = &tensor;
    return true;
  }
  void unbind(size_t i) noexcept { slots_[i].bound = nullptr; }
  void unbind_all() noexcept {
    for (Slot& slot : slots_) slot.bound = nullptr;
  }
  /// `inputs`, and where the engine sees a copy of one, that copy: so that an output which lies in
  /// an input keeps that alive.
  void begin(std::span<const Tensor* const> inputs, std::span<const BufferRef> copies,
             RunReport* report) noexcept;
  /// For a run whose inputs, bound memory and outputs are those of the one before.
  void begin_again(RunReport* report) noexcept {
    report_ = report;
    was_used_ = false;
  }
  /// Has the engine said something of an output since the run began?
  bool was_used() const noexcept { return was_used_; }
  /// Fails unless every output has come.
  xpurt_status check_complete(xpurt_error* error) const;
  /// Is the output in the bound tensor, in just that tensor's shape?
  bool is_bound_tensor(size_t i) const noexcept;
  bool all_as_bound() const noexcept;
  /// The output, which leaves the sink.
  Tensor publish(size_t i);
  /// Lets go of everything that was not published.
  void discard() noexcept;
  void log_decisions() const;

 private:
  enum class Outcome : uint8_t { kNone, kReserved, kBound, kGiven };

  struct Slot {
    const Tensor* bound = nullptr;
    TensorValue bound_value;  // of the last one bound
    BufferRef buffer;         // reserved, or given
    Outcome outcome = Outcome::kNone;
    void* data = nullptr;
    size_t bytes = 0;
    DType dtype = DType::kUndefined;
    Shape shape;
  };

  Slot& renew(uint32_t i) noexcept;
  xpurt_status show_bound(uint32_t i, const xpurt_value** value, uint64_t* capacity);
  xpurt_status reserve(uint32_t i, uint64_t bytes, uint64_t alignment, xpurt_device device,
                       void** data, xpurt_error* error);
  xpurt_status commit(uint32_t i, const xpurt_value& value, xpurt_error* error);
  xpurt_status give(uint32_t i, const xpurt_value& value, void (*release)(void*), void* token,
                    xpurt_error* error);
  xpurt_status copy_given(Slot& slot, uint32_t i, const xpurt_value& value, xpurt_error* error);
  xpurt_status accept(Slot& slot, uint32_t i, const xpurt_value& value, xpurt_error* error);
  xpurt_status accept_strings(Slot& slot, uint32_t i, const xpurt_value& value, xpurt_error* error);
  xpurt_status copy_given_strings(Slot& slot, uint32_t i, const xpurt_value& value,
                                  xpurt_error* error);
  static bool is_as_before(const Slot& slot, const xpurt_value& value) noexcept;
  BufferRef input_holding(const xpurt_value& value) const noexcept;

  const std::vector<TensorInfo>& infos_;
  MemoryPool::State& pool_;
  std::vector<Slot> slots_;
  std::span<const Tensor* const> inputs_;
  std::span<const BufferRef> copies_;
  RunReport* report_ = nullptr;
  bool was_used_ = false;
  xpurt_sink table_;
};

}  // namespace xpuruntime
