// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>

#include "xpuruntime/dtype.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {

/// Calls `visitor` with a value-initialised element of the C++ type of `dtype`, and gives what it
/// gives. Throws InvalidArgumentError for a type that tensors do not hold.
template <typename Visitor>
auto visit_element_type(DType dtype, Visitor&& visitor) {
  switch (dtype) {
    case DType::kBool:
      return visitor(bool{});
    case DType::kInt8:
      return visitor(int8_t{});
    case DType::kInt16:
      return visitor(int16_t{});
    case DType::kInt32:
      return visitor(int32_t{});
    case DType::kInt64:
      return visitor(int64_t{});
    case DType::kUInt8:
      return visitor(uint8_t{});
    case DType::kUInt16:
      return visitor(uint16_t{});
    case DType::kUInt32:
      return visitor(uint32_t{});
    case DType::kUInt64:
      return visitor(uint64_t{});
    case DType::kFloat16:
      return visitor(Float16{});
    case DType::kBFloat16:
      return visitor(BFloat16{});
    case DType::kFloat32:
      return visitor(float{});
    case DType::kFloat64:
      return visitor(double{});
    default:
      throw InvalidArgumentError("elements of type " + std::string(dtype_name(dtype)) +
                                 " cannot be read");
  }
}

template <typename T>
inline constexpr bool kIsHalf = std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>;

/// The value of an element; exact, but for 64-bit integers beyond 2^53.
template <Element T>
double as_double(T value) {
  if constexpr (kIsHalf<T>) {
    return static_cast<double>(to_float(value));
  } else {
    return static_cast<double>(value);
  }
}

}  // namespace xpuruntime::toolkit
