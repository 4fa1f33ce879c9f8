// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/memory_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

#include "pool_state.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

/// Header and memory in one piece: [Block, to 64 bytes][data][64 readable bytes].
class MemoryPool::State::Block final : public Buffer {
 public:
  static Block* make(State* pool, size_t bytes) {
    size_t total = 0;
    void* memory = nullptr;
    if (!__builtin_add_overflow(bytes, kHeader + kAlignment, &total)) memory = allocate(total);
    if (memory == nullptr) {
      const auto available = static_cast<uint64_t>(sysconf(_SC_AVPHYS_PAGES)) *
                             static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
      throw OutOfMemoryError("cannot allocate " + std::to_string(bytes) + " bytes for a tensor (" +
                                 std::to_string(available) + " bytes are free)",
                             {.retryable = true, .asked = bytes, .available = available});
    }
    std::byte* data = static_cast<std::byte*>(memory) + kHeader;
    std::memset(data + bytes, 0, kAlignment);
    return new (memory) Block(pool, data, bytes);
  }
  void free() noexcept {
    this->~Block();
    std::free(this);
  }
  void reuse() noexcept { revive(); }

 private:
  Block(State* pool, void* data, size_t bytes) : Buffer(data, bytes, {}, false), pool_(pool) {}

  /// Null when there is none. Large blocks ask the kernel for huge pages: to write 40 MB takes a
  /// quarter less time in them.
  static void* allocate(size_t bytes) noexcept {
    constexpr size_t kHugePage = size_t{2} << 20;
    const bool is_large = bytes >= 2 * kHugePage;
    void* memory = nullptr;
    if (posix_memalign(&memory, is_large ? kHugePage : kAlignment, bytes) != 0) return nullptr;
    if (is_large) madvise(memory, bytes, MADV_HUGEPAGE);  // a wish, not a need
    return memory;
  }

  static const size_t kHeader;

  void destroy() noexcept override {
    if (pool_ == nullptr) return free();
    State* pool = pool_;
    pool->take_back(this);
    pool->leave();
  }
  State* pool_;
};

const size_t MemoryPool::State::Block::kHeader =
    (sizeof(Block) + kAlignment - 1) / kAlignment * kAlignment;

BufferRef MemoryPool::State::allocate_alone(size_t bytes) {
  return BufferRef(Block::make(nullptr, bytes));
}

BufferRef MemoryPool::State::allocate(size_t bytes) {
  Block* block = take_free(bytes);
  if (block == nullptr) {
    block = Block::make(this, bytes);
    const std::lock_guard lock(mutex_);
    ++statistics_.allocations;
    count_use_locked(bytes);
  }
  users_.fetch_add(1, std::memory_order_relaxed);
  return BufferRef(block);
}

MemoryPool::State::Block* MemoryPool::State::take_free(size_t bytes) {
  const std::lock_guard lock(mutex_);
  FreeList& list = free_lists_[bytes];
  list.last_used = ++tick_;
  if (list.blocks.empty()) return nullptr;
  Block* block = list.blocks.back();
  list.blocks.pop_back();
  block->reuse();
  statistics_.retained_bytes -= bytes;
  ++statistics_.reuses;
  count_use_locked(bytes);
  return block;
}

void MemoryPool::State::count_use_locked(size_t bytes) noexcept {
  statistics_.in_use_bytes += bytes;
  statistics_.peak_in_use_bytes = std::max(statistics_.peak_in_use_bytes, statistics_.in_use_bytes);
}

void MemoryPool::State::take_back(Block* block) noexcept {
  const size_t bytes = block->capacity();
  const std::lock_guard lock(mutex_);
  statistics_.in_use_bytes -= bytes;
  try {
    FreeList& list = free_lists_[bytes];
    list.blocks.push_back(block);
    list.last_used = ++tick_;
    statistics_.retained_bytes += bytes;
  } catch (const std::bad_alloc&) {
    block->free();
    return;
  }
  if (statistics_.retained_bytes > max_retained_bytes_) evict_locked();
}

void MemoryPool::State::evict_locked() noexcept {
  while (statistics_.retained_bytes > max_retained_bytes_ && !free_lists_.empty()) {
    const auto oldest = std::ranges::min_element(
        free_lists_, {}, [](const auto& entry) { return entry.second.last_used; });
    std::vector<Block*>& blocks = oldest->second.blocks;
    auto kept = blocks.begin();
    for (; kept != blocks.end() && statistics_.retained_bytes > max_retained_bytes_; ++kept) {
      statistics_.retained_bytes -= (*kept)->capacity();
      (*kept)->free();
    }
    blocks.erase(blocks.begin(), kept);
    if (blocks.empty()) free_lists_.erase(oldest);
  }
}

MemoryStatistics MemoryPool::State::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

uint64_t MemoryPool::State::trim() {
  const std::lock_guard lock(mutex_);
  for (auto& [unused, list] : free_lists_) {
    for (Block* block : list.blocks) block->free();
  }
  free_lists_.clear();
  return std::exchange(statistics_.retained_bytes, 0);
}

void MemoryPool::State::leave() noexcept {
  if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

MemoryPool::MemoryPool(uint64_t max_retained_bytes) : state_(new State(max_retained_bytes)) {}
MemoryPool::~MemoryPool() { state_->leave(); }

Tensor MemoryPool::allocate(DType dtype, const Shape& shape) {
  const size_t bytes = tensor_bytes(dtype, shape);
  BufferRef buffer = state_->allocate(bytes);
  void* data = buffer->data();
  return TensorAccess::make(std::move(buffer), data, bytes, dtype, shape);
}

MemoryStatistics MemoryPool::statistics() const { return state_->statistics(); }
uint64_t MemoryPool::trim() { return state_->trim(); }

}  // namespace xpuruntime
