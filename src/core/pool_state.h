// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "buffer.h"
#include "xpuruntime/memory_pool.h"

namespace xpuruntime {

/// A pool's free lists. Lives until the pool and the last buffer from it are gone.
class MemoryPool::State {
 public:
  explicit State(uint64_t max_retained_bytes) : max_retained_bytes_(max_retained_bytes) {}

  /// Throws OutOfMemoryError.
  BufferRef allocate(size_t bytes);
  MemoryStatistics statistics() const;
  uint64_t trim();
  void leave() noexcept;  ///< The pool or one of its buffers is gone.

  /// A buffer that belongs to no pool.
  static BufferRef allocate_alone(size_t bytes);

 private:
  class Block;
  struct FreeList {
    std::vector<Block*> blocks;
    uint64_t last_used = 0;
  };

  ~State() { trim(); }
  Block* take_free(size_t bytes);
  void take_back(Block* block) noexcept;
  void count_use_locked(size_t bytes) noexcept;
  void evict_locked() noexcept;

  const uint64_t max_retained_bytes_;
  std::atomic<int64_t> users_{1};
  mutable std::mutex mutex_;
  std::unordered_map<size_t, FreeList> free_lists_;
  uint64_t tick_ = 0;
  MemoryStatistics statistics_;
};

}  // namespace xpuruntime
