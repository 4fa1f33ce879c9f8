// SPDX-License-Identifier: Apache-2.0
#include "tensor.h"

#include <algorithm>
#include <new>
#include <string>

#include "onnx/small_types.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::reference {
namespace {

using engine::Failure;

constexpr std::align_val_t kAlignment{64};

[[noreturn]] void out_of_memory(const std::string& what, uint64_t asked, uint64_t available) {
  Failure failure(XPURT_OUT_OF_MEMORY, what + " is too large: " + std::to_string(available) +
                                           " bytes are left to this run (memory_limit)");
  failure.asked = asked;
  failure.available = available;
  throw failure;
}

}  // namespace

size_t element_bytes(DType dtype) {
  if (dtype == DType::kString) return sizeof(std::string_view);
  return (static_cast<size_t>(onnx::bit_width(dtype)) + 7) / 8;
}

Tensor::Tensor(DType dtype, Shape shape, void* data, std::shared_ptr<void> owner)
    : dtype_(dtype),
      shape_(std::move(shape)),
      size_(static_cast<int64_t>(onnx::element_count(shape_).value())),
      data_(data),
      owner_(std::move(owner)) {}

Tensor tensor_of(const onnx::Tensor& stored) {
  if (stored.dtype == DType::kString) {
    auto views = std::make_shared<std::vector<std::string_view>>(stored.strings.begin(),
                                                                 stored.strings.end());
    std::string_view* const first = views->data();
    return {stored.dtype, stored.shape, first, std::move(views)};
  }
  if (is_packed(stored.dtype)) {
    const uint64_t count = onnx::element_count(stored.shape).value();
    auto bytes = std::make_shared<std::vector<uint8_t>>(count);
    uint8_t* const first = bytes->data();
    unpack(stored.dtype, stored.bytes.data(), *bytes);
    return {stored.dtype, stored.shape, first, std::move(bytes)};
  }
  // Nobody writes to it: see Tensor.
  return {stored.dtype, stored.shape, const_cast<char*>(stored.bytes.data())};
}

std::string text(const Tensor& tensor) {
  return onnx::dtype_name(tensor.dtype()) + " " + onnx::shape_text(tensor.shape());
}

uint64_t Memory::check(DType dtype, const Shape& shape) const {
  const std::string what = "a value " + onnx::dtype_name(dtype) + " " + onnx::shape_text(shape);
  if (shape.size() > kMostDimensions) {
    throw Failure(XPURT_INVALID_ARGUMENT, what + " has too many dimensions");
  }
  if (std::ranges::any_of(shape, [](int64_t dim) { return dim < 0; })) {
    throw Failure(XPURT_INVALID_ARGUMENT, what + " has a negative dimension");
  }
  const auto count = onnx::element_count(shape);
  uint64_t bytes = 0;
  if (!count || __builtin_mul_overflow(*count, uint64_t{element_bytes(dtype)}, &bytes)) {
    bytes = ~uint64_t{0};
  }
  if (bytes > limit_ - used_) out_of_memory(what, bytes, limit_ - used_);
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

std::string_view Memory::keep(std::string text) {
  if (text.size() > limit_ - used_) out_of_memory("a string", text.size(), limit_ - used_);
  used_ += text.size();
  return kept_.emplace_back(std::move(text));
}

}  // namespace xpuruntime::reference
