// SPDX-License-Identifier: Apache-2.0
#include "string_tensor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "buffer.h"
#include "pool_state.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

template <typename String>
Tensor tensor_of(std::span<const String> values, const Shape& shape) {
  const int64_t count = shape.element_count();
  if (static_cast<size_t>(count) != values.size()) {
    throw InvalidArgumentError("Tensor::from_strings: " + std::to_string(values.size()) +
                               " values do not fill shape " + to_string(shape));
  }
  size_t bytes = offset_bytes(count);
  for (const String& value : values) bytes += value.size();
  BufferRef buffer = MemoryPool::State::allocate_alone(bytes);
  void* const block = buffer->data();
  auto* offset = static_cast<int64_t*>(block);
  *offset = 0;
  char* to = static_cast<char*>(block) + offset_bytes(count);
  for (const String& value : values) {
    to = std::copy(value.begin(), value.end(), to);
    offset[1] = offset[0] + static_cast<int64_t>(value.size());
    ++offset;
  }
  return TensorAccess::make(std::move(buffer), block, bytes, DType::kString, shape);
}

}  // namespace

bool are_string_offsets(std::span<const int64_t> offsets, uint64_t byte_count) noexcept {
  return offsets.front() == 0 && std::ranges::is_sorted(offsets) &&
         static_cast<uint64_t>(offsets.back()) == byte_count;
}

Tensor Tensor::from_strings(std::span<const std::string> values, const Shape& shape) {
  return tensor_of(values, shape);
}

Tensor Tensor::from_strings(std::span<const std::string_view> values, const Shape& shape) {
  return tensor_of(values, shape);
}

std::vector<std::string_view> Tensor::strings() const {
  check_dtype(DType::kString);
  const auto offsets = string_offsets(data_, element_count());
  const char* const bytes = string_bytes(data_, element_count());
  std::vector<std::string_view> views;
  views.reserve(offsets.size() - 1);
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    views.emplace_back(bytes + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i]));
  }
  return views;
}

}  // namespace xpuruntime
