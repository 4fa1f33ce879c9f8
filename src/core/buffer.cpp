// SPDX-License-Identifier: Apache-2.0
#include "buffer.h"

#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

class ForeignBuffer final : public Buffer {
 public:
  ForeignBuffer(void* data, size_t capacity, Device device, bool read_only,
                std::function<void()> release)
      : Buffer(data, capacity, device, read_only), release_(std::move(release)) {}

 private:
  void destroy() noexcept override {
    if (release_) release_();
    delete this;
  }
  std::function<void()> release_;
};

class EngineBuffer final : public Buffer {
 public:
  EngineBuffer(void* data, size_t capacity, Device device, bool read_only, void (*give_back)(void*),
               void* token, BufferRef parent)
      : Buffer(data, capacity, device, read_only),
        give_back_(give_back),
        token_(token),
        parent_(std::move(parent)) {}

 private:
  void destroy() noexcept override {
    if (give_back_ != nullptr) give_back_(token_);
    delete this;
  }
  void (*give_back_)(void*);
  void* token_;
  BufferRef parent_;
};

}  // namespace

BufferRef foreign_buffer(void* data, size_t capacity, Device device, bool read_only,
                         std::function<void()> release) {
  return BufferRef(new ForeignBuffer(data, capacity, device, read_only, std::move(release)));
}

BufferRef engine_buffer(void* data, size_t capacity, Device device, bool read_only,
                        void (*release)(void*), void* token, BufferRef parent) {
  return BufferRef(
      new EngineBuffer(data, capacity, device, read_only, release, token, std::move(parent)));
}

size_t tensor_bytes(DType dtype, const Shape& shape) {
  const size_t bits_each = element_bits(dtype);
  if (bits_each == 0) {
    throw InvalidArgumentError(dtype == DType::kString
                                   ? "memory of strings cannot be sized by shape; "
                                     "Tensor::from_strings makes tensors of them"
                                   : "tensors do not hold dtype " + std::string(dtype_name(dtype)));
  }
  const auto count = static_cast<size_t>(shape.element_count());
  size_t bytes = 0;
  if (bits_each < 8) {
    const size_t in_byte = 8 / bits_each;
    bytes = count / in_byte + (count % in_byte != 0 ? 1 : 0);
  } else if (__builtin_mul_overflow(count, bits_each / 8, &bytes) ||
             bytes > static_cast<size_t>(PTRDIFF_MAX)) {
    throw InvalidArgumentError("a tensor of shape " + to_string(shape) + " is too large");
  }
  return bytes;
}

}  // namespace xpuruntime
