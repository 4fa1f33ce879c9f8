// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "buffer.h"
#include "string_tensor.h"
#include "xpuruntime/engine/abi.h"
#include "xpuruntime/shape.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// A tensor as it crosses the seam. Holds no memory; stays what it is when the tensor goes, so that
/// another one can be compared with it.
class TensorValue {
 public:
  TensorValue() = default;
  TensorValue(const TensorValue&) = delete;  // the value points at the shape beside it
  TensorValue& operator=(const TensorValue&) = delete;

  /// `tensor` is not empty.
  void set(const Tensor& tensor) {
    shape_ = tensor.shape();
    const Device device = tensor.device();
    value_ = {};
    value_.struct_size = sizeof(xpurt_value);
    value_.kind = XPURT_KIND_TENSOR;
    value_.dtype = static_cast<int32_t>(tensor.dtype());
    value_.rank = static_cast<int32_t>(shape_.rank());
    value_.device = {static_cast<int32_t>(device.type), device.index};
    value_.shape = shape_.data();
    value_.data = const_cast<void*>(tensor.data());  // inputs are not written: they are not DONATED
    value_.byte_size = tensor.byte_size();
    if (tensor.dtype() == DType::kString) {
      const int64_t count = tensor.element_count();
      value_.offsets = string_offsets(tensor.data(), count).data();
      value_.data = const_cast<char*>(string_bytes(tensor.data(), count));
      value_.byte_size -= offset_bytes(count);
    }
  }
  void clear() noexcept { value_ = {}; }
  /// The same elements at another address.
  void move_to(void* data) noexcept { value_.data = data; }

  /// Does `tensor` look the same, down to the address? Strings never do.
  bool is(const Tensor& tensor) const noexcept {
    return tensor && value_.kind == XPURT_KIND_TENSOR && value_.data == tensor.data() &&
           value_.byte_size == tensor.byte_size() &&
           value_.dtype == static_cast<int32_t>(tensor.dtype()) && shape_ == tensor.shape() &&
           Device{static_cast<DeviceType>(value_.device.type), value_.device.index} ==
               TensorAccess::buffer(tensor)->device();
  }

  const xpurt_value* get() const noexcept { return &value_; }
  const xpurt_value* operator->() const noexcept { return &value_; }

 private:
  Shape shape_;
  xpurt_value value_{};
};

}  // namespace xpuruntime
