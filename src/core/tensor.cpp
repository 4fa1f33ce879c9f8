// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/tensor.h"

#include <utility>

#include "buffer.h"
#include "pool_state.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

Tensor wrap_any(void* data, DType dtype, const Shape& shape, std::function<void()> release,
                Device device, bool read_only) {
  const size_t bytes = tensor_bytes(dtype, shape);
  if (data == nullptr && bytes != 0) {
    throw InvalidArgumentError("Tensor::wrap: data is null, but shape " + to_string(shape) +
                               " needs " + std::to_string(bytes) + " bytes");
  }
  return TensorAccess::make(foreign_buffer(data, bytes, device, read_only, std::move(release)),
                            data, bytes, dtype, shape);
}

}  // namespace

Tensor::Tensor(DType dtype, const Shape& shape) {
  const size_t bytes = tensor_bytes(dtype, shape);
  BufferRef buffer = MemoryPool::State::allocate_alone(bytes);
  void* data = buffer->data();
  *this = TensorAccess::make(std::move(buffer), data, bytes, dtype, shape);
}

Tensor Tensor::wrap(void* data, DType dtype, const Shape& shape, std::function<void()> release,
                    Device device) {
  return wrap_any(data, dtype, shape, std::move(release), device, false);
}

Tensor Tensor::wrap_read_only(const void* data, DType dtype, const Shape& shape,
                              std::function<void()> release, Device device) {
  return wrap_any(const_cast<void*>(data), dtype, shape, std::move(release), device, true);
}

Tensor Tensor::copy_of(const void* values, size_t count, DType dtype, const Shape& shape) {
  if (static_cast<size_t>(shape.element_count()) != count) {
    throw InvalidArgumentError("Tensor::from: " + std::to_string(count) +
                               " values do not fill shape " + to_string(shape));
  }
  Tensor tensor(dtype, shape);
  if (count != 0) std::memcpy(tensor.data_, values, tensor.byte_size_);
  return tensor;
}

Tensor::Tensor(const Tensor& other) noexcept
    : buffer_(other.buffer_),
      data_(other.data_),
      byte_size_(other.byte_size_),
      dtype_(other.dtype_),
      shape_(other.shape_) {
  if (buffer_ != nullptr) buffer_->retain();
}

Tensor::Tensor(Tensor&& other) noexcept
    : buffer_(std::exchange(other.buffer_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      byte_size_(std::exchange(other.byte_size_, 0)),
      dtype_(std::exchange(other.dtype_, DType::kUndefined)),
      shape_(std::exchange(other.shape_, Shape())) {}

Tensor& Tensor::operator=(const Tensor& other) noexcept {
  if (this != &other) *this = Tensor(other);
  return *this;
}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  if (this == &other) return *this;
  std::swap(buffer_, other.buffer_);
  std::swap(data_, other.data_);
  std::swap(byte_size_, other.byte_size_);
  std::swap(dtype_, other.dtype_);
  std::swap(shape_, other.shape_);
  // What this held goes now, not when `other` happens to.
  Tensor gone(std::move(other));
  return *this;
}

Tensor::~Tensor() {
  if (buffer_ != nullptr) buffer_->release();
}

Device Tensor::device() const noexcept { return buffer_ != nullptr ? buffer_->device() : Device{}; }

int64_t Tensor::element_count() const noexcept {
  return buffer_ != nullptr ? shape_.element_count() : 0;
}

bool Tensor::read_only() const noexcept {
  return buffer_ != nullptr && (buffer_->read_only() || dtype_ == DType::kString);
}

void* Tensor::mutable_data() {
  if (read_only()) {
    throw InvalidStateError("the memory of " + to_string(*this) + " is read-only" +
                            (dtype_ == DType::kString
                                 ? ", as that of all strings is; make another with from_strings()"
                                 : "; clone() makes a copy that is not"));
  }
  return data_;
}

void Tensor::check_dtype(DType wanted) const {
  if (dtype_ != wanted) {
    throw InvalidArgumentError("the elements of " + to_string(*this) + " were asked for as " +
                               std::string(dtype_name(wanted)));
  }
}

Tensor Tensor::reshape(const Shape& shape) const {
  std::vector<int64_t> dims(shape.begin(), shape.end());
  int64_t* open = nullptr;
  int64_t known = 1;
  bool fits = true;
  for (int64_t& dim : dims) {
    if (dim != -1) {
      fits = fits && dim >= 0 && !__builtin_mul_overflow(known, dim, &known);
    } else {
      fits = fits && open == nullptr;
      open = &dim;
    }
  }
  fits = fits &&
         (open == nullptr ? known == element_count() : known > 0 && element_count() % known == 0);
  if (!fits || buffer_ == nullptr) {
    throw InvalidArgumentError("cannot reshape " + to_string(*this) + " to " + to_string(shape));
  }
  if (open != nullptr) *open = element_count() / known;
  return TensorAccess::make(BufferRef::share(buffer_), data_, byte_size_, dtype_,
                            Shape(std::span<const int64_t>(dims)));
}

Tensor Tensor::slice(int64_t begin, int64_t end) const {
  if (shape_.rank() == 0 || begin < 0 || end < begin || end > shape_[0]) {
    throw InvalidArgumentError("cannot take rows [" + std::to_string(begin) + ", " +
                               std::to_string(end) + ") of " + to_string(*this));
  }
  std::vector<int64_t> dims(shape_.begin(), shape_.end());
  dims[0] = end - begin;
  const Shape rows{std::span<const int64_t>(dims)};
  const int64_t row = shape_[0] == 0 ? 0 : element_count() / shape_[0];  // in elements
  if (dtype_ == DType::kString) {
    const std::vector<std::string_view> all = strings();
    return from_strings(std::span(all).subspan(static_cast<size_t>(row * begin),
                                               static_cast<size_t>(row * (end - begin))),
                        rows);
  }
  const size_t first_bit = static_cast<size_t>(row * begin) * element_bits(dtype_);
  if (first_bit % 8 != 0) {
    throw InvalidArgumentError("row " + std::to_string(begin) + " of " + to_string(*this) +
                               " begins inside a byte: it cannot be a slice");
  }
  return TensorAccess::make(BufferRef::share(buffer_),
                            static_cast<std::byte*>(data_) + first_bit / 8,
                            tensor_bytes(dtype_, rows), dtype_, rows);
}

Tensor Tensor::clone() const {
  if (buffer_ == nullptr) return {};
  BufferRef buffer = MemoryPool::State::allocate_alone(byte_size_);
  void* const data = buffer->data();
  if (byte_size_ != 0) std::memcpy(data, data_, byte_size_);
  return TensorAccess::make(std::move(buffer), data, byte_size_, dtype_, shape_);
}

bool Tensor::shares_memory(const Tensor& other) const noexcept {
  const auto begin = reinterpret_cast<uintptr_t>(data_);
  const auto other_begin = reinterpret_cast<uintptr_t>(other.data_);
  return byte_size_ != 0 && other.byte_size_ != 0 && device() == other.device() &&
         begin < other_begin + other.byte_size_ && other_begin < begin + byte_size_;
}

std::string to_string(const Tensor& tensor) {
  if (!tensor) return "no tensor";
  return std::string(dtype_name(tensor.dtype())) + to_string(tensor.shape()) + " on " +
         to_string(tensor.device());
}

}  // namespace xpuruntime
