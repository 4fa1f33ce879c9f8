// SPDX-License-Identifier: Apache-2.0
#include "tensor.h"

#include <algorithm>
#include <new>
#include <string>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::reference {
namespace {

using engine::Failure;

constexpr std::align_val_t kAlignment{64};

}  // namespace

Tensor::Tensor(DType dtype, Shape shape, void* data, std::shared_ptr<void> owner)
    : dtype_(dtype),
      shape_(std::move(shape)),
      size_(static_cast<int64_t>(onnx::element_count(shape_).value())),
      data_(data),
      owner_(std::move(owner)) {}

std::string text(const Tensor& tensor) {
  return onnx::dtype_name(tensor.dtype()) + " " + onnx::shape_text(tensor.shape());
}

uint64_t Memory::check(DType dtype, const Shape& shape) const {
  const std::string what =
      "a value " + onnx::dtype_name(dtype) + " " + onnx::shape_text(shape) + " ";
  if (shape.size() > kMostDimensions) {
    throw Failure(XPURT_INVALID_ARGUMENT, what + "has too many dimensions");
  }
  if (std::ranges::any_of(shape, [](int64_t dim) { return dim < 0; })) {
    throw Failure(XPURT_INVALID_ARGUMENT, what + "has a negative dimension");
  }
  const uint64_t available = limit_ - used_;
  const uint64_t bytes = onnx::byte_count(dtype, shape).value_or(~uint64_t{0});
  if (bytes > available) {
    Failure failure(XPURT_OUT_OF_MEMORY, what + "is too large: " + std::to_string(available) +
                                             " bytes are left to this run (memory_limit)");
    failure.asked = bytes;
    failure.available = available;
    throw failure;
  }
  return bytes;
}

Tensor Memory::allocate(DType dtype, Shape shape) {
  const uint64_t bytes = check(dtype, shape);
  void* data = ::operator new(bytes, kAlignment);
  used_ += bytes;
  std::shared_ptr<void> owner(data, [this, bytes](void* memory) {
    used_ -= bytes;
    ::operator delete(memory, kAlignment);
  });
  return {dtype, std::move(shape), data, std::move(owner)};
}

}  // namespace xpuruntime::reference
