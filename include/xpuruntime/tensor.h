// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/device.h"
#include "xpuruntime/dtype.h"
#include "xpuruntime/export.h"
#include "xpuruntime/shape.h"

namespace xpuruntime {

class Buffer;

/// A shared handle to dense, row-major memory: copies share it, clone() copies it. Elements of less
/// than 8 bits are packed. The memory is released when the last Tensor over it, view or run in
/// flight is gone. Copying handles and releasing them is thread-safe; writing to shared memory is
/// the caller's to order.
class XPURT_API Tensor {
 public:
  Tensor() noexcept = default;  ///< no tensor: false, dtype kUndefined
  /// Uninitialised memory, aligned to 64 bytes.
  /// Throws InvalidArgumentError (negative or too many elements, a type not held yet),
  /// OutOfMemoryError.
  Tensor(DType dtype, const Shape& shape);
  /// Shares memory of the caller's, without a copy: `byte_size` of dtype and shape at `data`.
  /// `release` is called once, on any thread, when nothing uses the memory any more; without it the
  /// memory has to outlive every use. Throws InvalidArgumentError, and then does not call
  /// `release`.
  static Tensor wrap(void* data, DType dtype, const Shape& shape,
                     std::function<void()> release = nullptr, Device device = {});
  /// As wrap(), for memory that must not be written: mutable_data() will throw.
  static Tensor wrap_read_only(const void* data, DType dtype, const Shape& shape,
                               std::function<void()> release = nullptr, Device device = {});
  /// A copy of `values`, in `shape`. Throws InvalidArgumentError when their count does not fit.
  template <Element T>
  static Tensor from(std::span<const T> values, const Shape& shape) {
    return copy_of(values.data(), values.size(), kDTypeOf<T>, shape);
  }
  template <Element T>
  static Tensor from(std::initializer_list<T> values, const Shape& shape) {
    return copy_of(values.begin(), values.size(), kDTypeOf<T>, shape);
  }
  /// A copy of `values`, UTF-8, in `shape`; immutable. Throws InvalidArgumentError when their count
  /// does not fit.
  static Tensor from_strings(std::span<const std::string> values, const Shape& shape);
  static Tensor from_strings(std::span<const std::string_view> values, const Shape& shape);

  Tensor(const Tensor& other) noexcept;
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(const Tensor& other) noexcept;
  Tensor& operator=(Tensor&& other) noexcept;
  ~Tensor();

  explicit operator bool() const noexcept { return buffer_ != nullptr; }
  DType dtype() const noexcept { return dtype_; }
  const Shape& shape() const noexcept { return shape_; }
  Device device() const noexcept;
  int64_t element_count() const noexcept;
  size_t byte_size() const noexcept { return byte_size_; }
  bool read_only() const noexcept;

  /// The elements. Of strings: int64 offsets, one more than there are elements, then the UTF-8
  /// bytes that they point into.
  const void* data() const noexcept { return data_; }
  void* mutable_data();  ///< Throws InvalidStateError when the memory is read-only.
  /// The elements; throws InvalidArgumentError when T is not the dtype.
  template <Element T>
  std::span<const T> values() const {
    check_dtype(kDTypeOf<T>);
    return {static_cast<const T*>(data_), byte_size_ / sizeof(T)};
  }
  template <Element T>
  std::span<T> mutable_values() {
    check_dtype(kDTypeOf<T>);
    return {static_cast<T*>(mutable_data()), byte_size_ / sizeof(T)};
  }

  /// The strings, valid as long as the memory; throws InvalidArgumentError when they are none.
  std::vector<std::string_view> strings() const;

  /// The same memory in another shape of as many elements. One dimension may be -1.
  Tensor reshape(const Shape& shape) const;
  /// Rows [begin, end) of the first dimension, in the same memory; strings are copied. Throws
  /// InvalidArgumentError, also where packed elements of the first row begin inside a byte.
  Tensor slice(int64_t begin, int64_t end) const;
  Tensor clone() const;                                    ///< A copy in memory of its own.
  bool shares_memory(const Tensor& other) const noexcept;  ///< Do their bytes overlap?

 private:
  friend struct TensorAccess;  // the core makes tensors over its buffers

  static Tensor copy_of(const void* values, size_t count, DType dtype, const Shape& shape);
  void check_dtype(DType wanted) const;

  Buffer* buffer_ = nullptr;
  void* data_ = nullptr;
  size_t byte_size_ = 0;
  DType dtype_ = DType::kUndefined;
  Shape shape_;
};

/// "float32[1,3,224,224] on cpu".
XPURT_API std::string to_string(const Tensor& tensor);

}  // namespace xpuruntime
