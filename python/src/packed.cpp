// SPDX-License-Identifier: Apache-2.0
#include "packed.h"

#include <cstring>

namespace xpuruntime::python {

bool is_packed(DType dtype) noexcept { return element_bits(dtype) != 0 && element_bits(dtype) < 8; }

Tensor pack(const uint8_t* elements, DType dtype, const Shape& shape) {
  Tensor tensor(dtype, shape);
  auto* const bytes = static_cast<uint8_t*>(tensor.mutable_data());
  std::memset(bytes, 0, tensor.byte_size());
  const size_t width = element_bits(dtype);
  const unsigned mask = (1U << width) - 1;
  for (size_t i = 0; i < static_cast<size_t>(tensor.element_count()); ++i) {
    const size_t bit = i * width;
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] | (elements[i] & mask) << (bit % 8));
  }
  return tensor;
}

void unpack(const Tensor& tensor, uint8_t* elements) noexcept {
  const auto* const bytes = static_cast<const uint8_t*>(tensor.data());
  const size_t width = element_bits(tensor.dtype());
  const unsigned mask = (1U << width) - 1;
  for (size_t i = 0; i < static_cast<size_t>(tensor.element_count()); ++i) {
    const size_t bit = i * width;
    elements[i] = static_cast<uint8_t>((static_cast<unsigned>(bytes[bit / 8]) >> (bit % 8)) & mask);
  }
}

}  // namespace xpuruntime::python
