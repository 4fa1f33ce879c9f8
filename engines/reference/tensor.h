// SPDX-License-Identifier: Apache-2.0
/// The interpreter's values: dense, row-major, in host memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dtype.h"

namespace xpuruntime::reference {

using Shape = std::vector<int64_t>;

/// More dimensions than any operator needs; keeps a malformed shape from growing without bound.
constexpr size_t kMostDimensions = 64;

/// Bytes of one element between nodes: one for each of those that are packed elsewhere, and a
/// std::string_view for a string; 0 for a dtype that ONNX does not have.
size_t element_bytes(DType dtype);
inline bool is_supported(DType dtype) { return element_bytes(dtype) != 0; }

/// A handle: copies share the memory, which `owner` keeps alive, or somebody else when it is null.
/// Only the kernel that a tensor was made for writes to it.
class Tensor {
 public:
  Tensor() = default;
  /// `data` holds at least the bytes that dtype and shape, already checked, need.
  Tensor(DType dtype, Shape shape, void* data, std::shared_ptr<void> owner = nullptr);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t rank() const { return static_cast<int64_t>(shape_.size()); }
  int64_t dim(int64_t i) const { return shape_[static_cast<size_t>(i)]; }
  int64_t size() const { return size_; }  ///< elements
  size_t element_bytes() const { return reference::element_bytes(dtype_); }
  uint64_t bytes() const { return static_cast<uint64_t>(size_) * element_bytes(); }

  std::byte* data() { return static_cast<std::byte*>(data_); }
  const std::byte* data() const { return static_cast<const std::byte*>(data_); }
  /// The elements, of the dtype that the caller has looked up.
  template <typename T>
  const T* values() const {
    return static_cast<const T*>(data_);
  }
  template <typename T>
  T* values() {
    return static_cast<T*>(data_);
  }

  /// The same memory in a shape of as many elements.
  Tensor reshaped(Shape shape) const { return {dtype_, std::move(shape), data_, owner_}; }

 private:
  DType dtype_ = DType::kUndefined;
  Shape shape_;
  int64_t size_ = 0;
  void* data_ = nullptr;
  std::shared_ptr<void> owner_;
};

/// A weight or a constant: a view of `stored`, or a copy where its elements are packed. Strings
/// stay where they are.
Tensor tensor_of(const onnx::Tensor& stored);

/// "float32 [1, 3]"
std::string text(const Tensor& tensor);

/// Gives out the memory of one run, up to a limit. Outlives the tensors that it made.
class Memory {
 public:
  explicit Memory(uint64_t limit) : limit_(limit) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Bytes that a tensor needs, which are within the limit; throws XPURT_INVALID_ARGUMENT or
  /// XPURT_OUT_OF_MEMORY otherwise.
  uint64_t check(DType dtype, const Shape& shape) const;
  Tensor allocate(DType dtype, Shape shape);
  /// A string that lives as long as the run.
  std::string_view keep(std::string text);

 private:
  uint64_t limit_;
  uint64_t used_ = 0;
  std::deque<std::string> kept_;
};

}  // namespace xpuruntime::reference
