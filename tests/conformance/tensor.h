// SPDX-License-Identifier: Apache-2.0
/// Memory between guard bytes, and tensors in it, for the conformance suite.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::conformance {

/// `size` bytes, aligned to 64, with a page of guard bytes on either side.
class GuardedMemory {
 public:
  explicit GuardedMemory(uint64_t size)
      : size_(size), memory_(new std::byte[static_cast<size_t>(size) + 2 * kGuard + kAlign]) {
    const auto address = reinterpret_cast<uintptr_t>(memory_.get()) + kGuard;
    data_ = memory_.get() + kGuard + (kAlign - address % kAlign) % kAlign;
    std::fill(memory_.get(), end(), kPattern);
  }
  std::byte* data() const { return data_; }
  uint64_t size() const { return size_; }
  bool intact() const {
    const auto untouched = [](std::byte byte) { return byte == kPattern; };
    return std::all_of(memory_.get(), data_, untouched) &&
           std::all_of(data_ + size_, end(), untouched);
  }

  static constexpr std::byte kPattern{0xA5};

 private:
  static constexpr size_t kAlign = 64;
  static constexpr size_t kGuard = 256;
  std::byte* end() const { return memory_.get() + size_ + 2 * kGuard + kAlign; }

  uint64_t size_;
  std::unique_ptr<std::byte[]> memory_;
  std::byte* data_;
};

/// Bytes of one element, 0 where the suite does not know the type.
uint64_t dtype_size(int32_t dtype);

template <typename T>
constexpr int32_t dtype_of();
template <>
constexpr int32_t dtype_of<float>() {
  return XPURT_FLOAT;
}
template <>
constexpr int32_t dtype_of<double>() {
  return XPURT_DOUBLE;
}
template <>
constexpr int32_t dtype_of<int32_t>() {
  return XPURT_INT32;
}
template <>
constexpr int32_t dtype_of<int64_t>() {
  return XPURT_INT64;
}
template <>
constexpr int32_t dtype_of<uint8_t>() {
  return XPURT_UINT8;
}
template <>
constexpr int32_t dtype_of<bool>() {
  return XPURT_BOOL;
}

/// Dense values of a type and shape. Copies share the memory.
class Tensor {
 public:
  Tensor(int32_t dtype, std::vector<int64_t> shape);
  template <typename T>
  static Tensor of(std::vector<int64_t> shape, const std::vector<T>& values) {
    Tensor tensor(dtype_of<T>(), std::move(shape));
    T* to = reinterpret_cast<T*>(tensor.data());
    for (size_t i = 0; i < values.size(); ++i) to[i] = values[i];
    return tensor;
  }

  int32_t dtype() const { return dtype_; }
  const std::vector<int64_t>& shape() const { return shape_; }
  std::byte* data() const { return memory_->data(); }
  uint64_t bytes() const { return memory_->size(); }
  template <typename T>
  std::span<T> as() const {
    return {reinterpret_cast<T*>(data()), static_cast<size_t>(bytes() / sizeof(T))};
  }
  bool guards_intact() const { return memory_->intact(); }
  Tensor clone() const;
  /// Bytes of the same type and shape are the same.
  bool same(const Tensor& other) const;

 private:
  int32_t dtype_;
  std::vector<int64_t> shape_;
  std::shared_ptr<GuardedMemory> memory_;
};

/// Empty when `got` is `expected` within `tolerance` (absolute, plus relative; exact where it is
/// not a floating type), else what differs.
std::string difference(const Tensor& got, const Tensor& expected, double tolerance);

}  // namespace xpuruntime::conformance
