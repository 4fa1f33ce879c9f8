// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "xpuruntime/device.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// Memory with a count of its users; what it does when the last one goes is its kind's affair.
/// Counting is thread-safe, so the last user may go on any thread.
class Buffer {
 public:
  Buffer(void* data, size_t capacity, Device device, bool read_only) noexcept
      : data_(data), capacity_(capacity), device_(device), read_only_(read_only) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void retain() noexcept { users_.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
  }

  void* data() const noexcept { return data_; }
  size_t capacity() const noexcept { return capacity_; }
  Device device() const noexcept { return device_; }
  bool read_only() const noexcept { return read_only_; }
  /// Does anybody but the one who asks use it?
  bool is_shared() const noexcept { return users_.load(std::memory_order_acquire) > 1; }

 protected:
  virtual ~Buffer() = default;
  virtual void destroy() noexcept = 0;
  void revive() noexcept { users_.store(1, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> users_{1};
  void* data_;
  size_t capacity_;
  Device device_;
  bool read_only_;
};

/// One use of a Buffer.
class BufferRef {
 public:
  BufferRef() noexcept = default;
  /// Takes over a use that was counted already.
  explicit BufferRef(Buffer* adopted) noexcept : buffer_(adopted) {}
  BufferRef(BufferRef&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferRef& operator=(BufferRef&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferRef() { reset(); }

  static BufferRef share(Buffer* buffer) noexcept {
    if (buffer != nullptr) buffer->retain();
    return BufferRef(buffer);
  }
  void reset() noexcept {
    if (Buffer* gone = std::exchange(buffer_, nullptr)) gone->release();
  }
  Buffer* get() const noexcept { return buffer_; }
  Buffer* operator->() const noexcept { return buffer_; }
  explicit operator bool() const noexcept { return buffer_ != nullptr; }
  Buffer* leave() noexcept { return std::exchange(buffer_, nullptr); }

 private:
  Buffer* buffer_ = nullptr;
};

/// Memory of somebody else's, given back through a function.
BufferRef foreign_buffer(void* data, size_t capacity, Device device, bool read_only,
                         std::function<void()> release);
/// Memory of an engine's, given back through its C function. `parent`, where there is one, is the
/// buffer that the memory really lies in, and lives as long.
BufferRef engine_buffer(void* data, size_t capacity, Device device, bool read_only,
                        void (*release)(void*), void* token, BufferRef parent);

/// How the core makes tensors over buffers, and sees the buffers of tensors.
struct TensorAccess {
  static Tensor make(BufferRef buffer, void* data, size_t byte_size, DType dtype,
                     const Shape& shape) {
    Tensor tensor;
    tensor.buffer_ = buffer.leave();
    tensor.data_ = data;
    tensor.byte_size_ = byte_size;
    tensor.dtype_ = dtype;
    tensor.shape_ = shape;
    return tensor;
  }
  static Buffer* buffer(const Tensor& tensor) noexcept { return tensor.buffer_; }
};

/// Bytes of a tensor. Throws InvalidArgumentError for what no tensor can be.
size_t tensor_bytes(DType dtype, const Shape& shape);

}  // namespace xpuruntime
