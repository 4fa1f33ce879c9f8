// SPDX-License-Identifier: Apache-2.0
#include "toolkit/narrow_types.h"

#include <cstdint>
#include <string>

#include "onnx/small_types.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

onnx::DType onnx_dtype(DType dtype) { return static_cast<onnx::DType>(dtype); }

}  // namespace

bool is_narrow(DType dtype) noexcept {
  return element_bits(dtype) != 0 && onnx::is_small(onnx_dtype(dtype));
}

bool is_narrow_integer(DType dtype) noexcept {
  return is_narrow(dtype) && !onnx::is_small_float(onnx_dtype(dtype));
}

std::vector<double> narrow_values(const Tensor& tensor) {
  if (!is_narrow(tensor.dtype())) {
    throw InvalidArgumentError(to_string(tensor) + " is of no narrow type");
  }
  const onnx::DType dtype = onnx_dtype(tensor.dtype());
  std::vector<uint8_t> elements(static_cast<size_t>(tensor.element_count()));
  onnx::unpack(dtype, tensor.data(), elements);
  std::vector<double> values(elements.size());
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = onnx::is_small_float(dtype)
                    ? onnx::small_to_double(dtype, elements[i])
                    : static_cast<double>(onnx::small_to_int(dtype, elements[i]));
  }
  return values;
}

uint8_t narrow_random(DType dtype, uint64_t bits) noexcept {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
      return static_cast<uint8_t>(bits % 0x39U);  // 1.0 is 0x38, and all below it are smaller
    case DType::kFloat8E4M3FNUZ:
      return static_cast<uint8_t>(bits % 0x41U);
    case DType::kFloat8E5M2:
      return static_cast<uint8_t>(bits % 0x3DU);
    case DType::kFloat8E5M2FNUZ:
      return static_cast<uint8_t>(bits % 0x41U);
    case DType::kFloat8E8M0:
      return static_cast<uint8_t>(120U + bits % 8U);
    case DType::kFloat4E2M1:
      return static_cast<uint8_t>(bits % 3U);
    default:
      return static_cast<uint8_t>(bits & ((1U << element_bits(dtype)) - 1));
  }
}

}  // namespace xpuruntime::toolkit
