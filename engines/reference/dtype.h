// SPDX-License-Identifier: Apache-2.0
/// The element types that kernels compute with, and how a kernel is written once for all. Those of
/// small.h are computed with as others.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "onnx/tensor.h"

namespace xpuruntime::reference {

using onnx::DType;

/// Storage types: a bool in a file may hold any byte, and half precision has no type in C++20.
struct Bool {
  uint8_t byte;
};
struct Float16 {
  uint16_t bits;
};
struct Bfloat16 {
  uint16_t bits;
};

/// IEEE 754 binary16 from float, rounding to nearest even.
inline Float16 to_float16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const float magnitude = std::fabs(value);
  uint32_t rest = 0;
  if (std::isnan(value)) {
    rest = 0x7e00u;
  } else if (magnitude >= 65520.0f) {
    rest = 0x7c00u;  // halfway to the number after the largest: infinity
  } else if (magnitude < 0x1p-14f) {
    rest = static_cast<uint32_t>(std::nearbyint(magnitude * 0x1p24f));  // subnormal: steps of 2^-24
  } else {
    const uint32_t shifted = (bits & 0x7fffffffu) - (112u << 23);  // the exponent's other bias
    rest = (shifted + 0xfffu + ((shifted >> 13) & 1u)) >> 13;
  }
  return {static_cast<uint16_t>(sign | rest)};
}

inline float to_float(Float16 value) {
  const uint32_t sign = (value.bits & 0x8000u) << 16;
  const uint32_t rest = value.bits & 0x7fffu;
  if (rest >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((rest & 0x3ffu) << 13));
  if (rest < 0x400u) {
    const float magnitude = static_cast<float>(rest) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | ((rest << 13) + (112u << 23)));
}

/// The upper half of a float, rounding to nearest even.
inline Bfloat16 to_bfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return {static_cast<uint16_t>((bits >> 16) | 0x40u)};
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

inline float to_float(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

template <typename T>
constexpr bool kIsFloat =
    std::is_floating_point_v<T> || std::is_same_v<T, Float16> || std::is_same_v<T, Bfloat16>;

/// What a kernel computes an element of T in: double for floats, bool for Bool, else T.
template <typename T>
using Wide =
    std::conditional_t<kIsFloat<T>, double, std::conditional_t<std::is_same_v<T, Bool>, bool, T>>;

/// What sums of T are kept in: double, or integers that wrap around.
template <typename T>
using Sum = std::conditional_t<kIsFloat<T>, double, uint64_t>;

template <typename T>
Wide<T> widen(T value) {
  if constexpr (std::is_same_v<T, Bool>) {
    return value.byte != 0;
  } else if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, Bfloat16>) {
    return to_float(value);
  } else {
    return value;
  }
}

/// The other way. Integers wrap around.
template <typename T, typename From>
T narrow(From value) {
  if constexpr (std::is_same_v<T, Bool>) {
    return {static_cast<uint8_t>(value != From{} ? 1 : 0)};
  } else if constexpr (std::is_same_v<T, Float16>) {
    return to_float16(static_cast<float>(value));
  } else if constexpr (std::is_same_v<T, Bfloat16>) {
    return to_bfloat16(static_cast<float>(value));
  } else {
    return static_cast<T>(value);
  }
}

/// From a float to any type: integers are cut off toward zero. What ONNX leaves open is kept
/// defined: NaN is 0, beyond 64 bits is the nearest that fits, and the rest wraps around.
template <typename T>
T float_to(double value) {
  if constexpr (!std::is_integral_v<T>) {
    return narrow<T>(value);
  } else {
    if (std::isnan(value)) return 0;
    if (std::is_same_v<T, uint64_t> && value >= 0x1p63) {
      return static_cast<T>(value >= 0x1p64 ? ~uint64_t{0} : static_cast<uint64_t>(value));
    }
    if (value >= 0x1p63) return static_cast<T>(std::numeric_limits<int64_t>::max());
    if (value < -0x1p63) return static_cast<T>(std::numeric_limits<int64_t>::min());
    return static_cast<T>(static_cast<int64_t>(value));
  }
}

/// The least and the greatest value of T, infinities where it has them.
template <typename T>
Wide<T> lowest() {
  if constexpr (kIsFloat<T>) return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<Wide<T>>::lowest();
}
template <typename T>
Wide<T> greatest() {
  if constexpr (kIsFloat<T>) return std::numeric_limits<double>::infinity();
  return std::numeric_limits<Wide<T>>::max();
}

// clang-format off
template <typename T> constexpr DType kDType = DType::kUndefined;
template <> inline constexpr DType kDType<Bool> = DType::kBool;
template <> inline constexpr DType kDType<int8_t> = DType::kInt8;
template <> inline constexpr DType kDType<int16_t> = DType::kInt16;
template <> inline constexpr DType kDType<int32_t> = DType::kInt32;
template <> inline constexpr DType kDType<int64_t> = DType::kInt64;
template <> inline constexpr DType kDType<uint8_t> = DType::kUint8;
template <> inline constexpr DType kDType<uint16_t> = DType::kUint16;
template <> inline constexpr DType kDType<uint32_t> = DType::kUint32;
template <> inline constexpr DType kDType<uint64_t> = DType::kUint64;
template <> inline constexpr DType kDType<Float16> = DType::kFloat16;
template <> inline constexpr DType kDType<Bfloat16> = DType::kBfloat16;
template <> inline constexpr DType kDType<float> = DType::kFloat;
template <> inline constexpr DType kDType<double> = DType::kDouble;
template <> inline constexpr DType kDType<std::string_view> = DType::kString;
// clang-format on

template <typename... Ts>
struct Types {};
template <typename... As, typename... Bs>
Types<As..., Bs...> operator+(Types<As...>, Types<Bs...>) {
  return {};
}

using Floats = Types<float, double, Float16, Bfloat16>;
using Integers = Types<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
using Numbers = decltype(Floats{} + Integers{});
/// All but strings, small and complex types, which are moved and not computed with.
using AllTypes = decltype(Numbers{} + Types<Bool>{});

/// Calls body.operator()<T>() for the T of `dtype`; false when it is not among the types.
template <typename Body, typename... Ts>
bool visit(DType dtype, Types<Ts...>, Body&& body) {
  return ((dtype == kDType<Ts> && (body.template operator()<Ts>(), true)) || ...);
}

/// Whether the dtype is one of the list.
template <typename TypeList>
bool is_among(DType dtype, TypeList types) {
  return visit(dtype, types, []<typename T>() {});
}

}  // namespace xpuruntime::reference
