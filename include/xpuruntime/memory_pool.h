// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "xpuruntime/export.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

struct MemoryStatistics {
  uint64_t in_use_bytes = 0;       ///< held by tensors
  uint64_t peak_in_use_bytes = 0;  ///< the most that was
  uint64_t retained_bytes = 0;     ///< free, kept for reuse
  uint64_t allocations = 0;        ///< taken from the system
  uint64_t reuses = 0;             ///< served from what was kept
};

/// Host memory that is reused at its exact size: what a session's outputs live in. Aligned to 64
/// bytes, with 64 readable bytes behind the end. Thread-safe; tensors may outlive it.
class XPURT_API MemoryPool {
 public:
  class State;
  static constexpr uint64_t kDefaultRetainedBytes = uint64_t{256} << 20;
  static constexpr size_t kAlignment = 64;

  /// Keeps at most `max_retained_bytes` for reuse; what was unused longest goes first.
  explicit MemoryPool(uint64_t max_retained_bytes = kDefaultRetainedBytes);
  ~MemoryPool();
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  /// An uninitialised tensor. Throws InvalidArgumentError (shape, dtype), OutOfMemoryError.
  Tensor allocate(DType dtype, const Shape& shape);

  MemoryStatistics statistics() const;
  /// Gives what is kept for reuse back to the system; returns the bytes.
  uint64_t trim();

 private:
  friend class SessionState;
  State* state_;
};

}  // namespace xpuruntime
