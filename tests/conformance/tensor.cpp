// SPDX-License-Identifier: Apache-2.0
#include "tensor.h"

#include <cmath>

namespace xpuruntime::conformance {
namespace {

std::string describe(const Tensor& tensor) {
  std::string text = "dtype " + std::to_string(tensor.dtype()) + " [";
  for (const int64_t dim : tensor.shape()) text += std::to_string(dim) + ",";
  return text + "]";
}

template <typename T>
std::string compare(const Tensor& got, const Tensor& expected, double tolerance) {
  for (size_t i = 0; i < expected.as<T>().size(); ++i) {
    const auto have = static_cast<double>(got.as<T>()[i]);
    const auto want = static_cast<double>(expected.as<T>()[i]);
    if (std::isnan(have) != std::isnan(want) ||
        std::abs(have - want) > tolerance * (1 + std::abs(want))) {
      return "element " + std::to_string(i) + " is " + std::to_string(have) + ", expected " +
             std::to_string(want);
    }
  }
  return "";
}

}  // namespace

uint64_t dtype_size(int32_t dtype) {
  switch (dtype) {
    case XPURT_UINT8:
    case XPURT_INT8:
    case XPURT_BOOL:
      return 1;
    case XPURT_UINT16:
    case XPURT_INT16:
    case XPURT_FLOAT16:
    case XPURT_BFLOAT16:
      return 2;
    case XPURT_FLOAT:
    case XPURT_INT32:
    case XPURT_UINT32:
      return 4;
    case XPURT_DOUBLE:
    case XPURT_INT64:
    case XPURT_UINT64:
    case XPURT_COMPLEX64:
      return 8;
    case XPURT_COMPLEX128:
      return 16;
    default:
      return 0;
  }
}

Tensor::Tensor(int32_t dtype, std::vector<int64_t> shape)
    : dtype_(dtype), shape_(std::move(shape)) {
  uint64_t size = dtype_size(dtype);
  for (const int64_t dim : shape_) size *= static_cast<uint64_t>(dim);
  memory_ = std::make_shared<GuardedMemory>(size);
}

Tensor Tensor::clone() const {
  Tensor copy(dtype_, shape_);
  if (bytes() != 0) std::memcpy(copy.data(), data(), bytes());
  return copy;
}

bool Tensor::same(const Tensor& other) const {
  return dtype_ == other.dtype_ && shape_ == other.shape_ &&
         (bytes() == 0 || std::memcmp(data(), other.data(), bytes()) == 0);
}

std::string difference(const Tensor& got, const Tensor& expected, double tolerance) {
  if (got.dtype() != expected.dtype() || got.shape() != expected.shape()) {
    return "got " + describe(got) + ", expected " + describe(expected);
  }
  if (expected.dtype() == XPURT_FLOAT) return compare<float>(got, expected, tolerance);
  if (expected.dtype() == XPURT_DOUBLE) return compare<double>(got, expected, tolerance);
  return got.same(expected) ? "" : "the bytes of " + describe(expected) + " differ";
}

}  // namespace xpuruntime::conformance
