// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "xpuruntime/export.h"

namespace xpuruntime {

/// Element types, with the numbers of ONNX TensorProto.DataType. Tensors hold all but the two of 6
/// bits. Those of 4 and 2 bits are packed, the first element in the lowest bits of a byte.
enum class DType : int32_t {
  kUndefined = 0,
  kFloat32 = 1,
  kUInt8 = 2,
  kInt8 = 3,
  kUInt16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kFloat64 = 11,
  kUInt32 = 12,
  kUInt64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBFloat16 = 16,
  kFloat8E4M3FN = 17,
  kFloat8E4M3FNUZ = 18,
  kFloat8E5M2 = 19,
  kFloat8E5M2FNUZ = 20,
  kUInt4 = 21,
  kInt4 = 22,
  kFloat4E2M1 = 23,
  kFloat8E8M0 = 24,
  kUInt2 = 25,
  kInt2 = 26,
  kFloat6E2M3 = 27,
  kFloat6E3M2 = 28,
};

/// IEEE 754 binary16, as bits.
struct Float16 {
  uint16_t bits = 0;
};
/// The upper half of an IEEE 754 binary32, as bits.
struct BFloat16 {
  uint16_t bits = 0;
};

XPURT_API float to_float(Float16 value) noexcept;
XPURT_API float to_float(BFloat16 value) noexcept;
XPURT_API Float16 to_float16(float value) noexcept;    ///< rounds to nearest, ties to even
XPURT_API BFloat16 to_bfloat16(float value) noexcept;  ///< rounds to nearest, ties to even

/// NumPy's name where it has one ("float32"), else that of ml_dtypes or ONNX ("float8_e4m3fn").
XPURT_API std::string_view dtype_name(DType dtype) noexcept;
/// The inverse of dtype_name; throws InvalidArgumentError naming the nearest.
XPURT_API DType dtype_from_name(std::string_view name);
/// Bits of one element in a tensor; 0 for strings, and for what tensors do not hold.
XPURT_API size_t element_bits(DType dtype) noexcept;

template <typename T>
inline constexpr DType kDTypeOf = DType::kUndefined;
template <>
inline constexpr DType kDTypeOf<float> = DType::kFloat32;
template <>
inline constexpr DType kDTypeOf<double> = DType::kFloat64;
template <>
inline constexpr DType kDTypeOf<Float16> = DType::kFloat16;
template <>
inline constexpr DType kDTypeOf<BFloat16> = DType::kBFloat16;
template <>
inline constexpr DType kDTypeOf<bool> = DType::kBool;
template <>
inline constexpr DType kDTypeOf<int8_t> = DType::kInt8;
template <>
inline constexpr DType kDTypeOf<int16_t> = DType::kInt16;
template <>
inline constexpr DType kDTypeOf<int32_t> = DType::kInt32;
template <>
inline constexpr DType kDTypeOf<int64_t> = DType::kInt64;
template <>
inline constexpr DType kDTypeOf<uint8_t> = DType::kUInt8;
template <>
inline constexpr DType kDTypeOf<uint16_t> = DType::kUInt16;
template <>
inline constexpr DType kDTypeOf<uint32_t> = DType::kUInt32;
template <>
inline constexpr DType kDTypeOf<uint64_t> = DType::kUInt64;

/// A C++ type that is the element of a tensor.
template <typename T>
concept Element = kDTypeOf<T> != DType::kUndefined;

}  // namespace xpuruntime
