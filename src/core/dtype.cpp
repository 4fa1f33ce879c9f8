// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/dtype.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "text.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  size_t bits;
};

constexpr DTypeRow kDTypeTable[] = {
    {DType::kFloat32, "float32", 32},
    {DType::kUInt8, "uint8", 8},
    {DType::kInt8, "int8", 8},
    {DType::kUInt16, "uint16", 16},
    {DType::kInt16, "int16", 16},
    {DType::kInt32, "int32", 32},
    {DType::kInt64, "int64", 64},
    {DType::kString, "string", 0},
    {DType::kBool, "bool", 8},
    {DType::kFloat16, "float16", 16},
    {DType::kFloat64, "float64", 64},
    {DType::kUInt32, "uint32", 32},
    {DType::kUInt64, "uint64", 64},
    {DType::kComplex64, "complex64", 64},
    {DType::kComplex128, "complex128", 128},
    {DType::kBFloat16, "bfloat16", 16},
    {DType::kFloat8E4M3FN, "float8_e4m3fn", 8},
    {DType::kFloat8E4M3FNUZ, "float8_e4m3fnuz", 8},
    {DType::kFloat8E5M2, "float8_e5m2", 8},
    {DType::kFloat8E5M2FNUZ, "float8_e5m2fnuz", 8},
    {DType::kUInt4, "uint4", 4},
    {DType::kInt4, "int4", 4},
    {DType::kFloat4E2M1, "float4_e2m1fn", 4},
    {DType::kFloat8E8M0, "float8_e8m0fnu", 8},
    {DType::kUInt2, "uint2", 2},
    {DType::kInt2, "int2", 2},
    {DType::kFloat6E2M3, "float6_e2m3fn", 0},
    {DType::kFloat6E3M2, "float6_e3m2fn", 0},
};

const DTypeRow* row_of(DType dtype) noexcept {
  for (const DTypeRow& row : kDTypeTable) {
    if (row.dtype == dtype) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view dtype_name(DType dtype) noexcept {
  const DTypeRow* row = row_of(dtype);
  return row != nullptr ? row->name : "undefined";
}

DType dtype_from_name(std::string_view name) {
  std::vector<std::string> names;
  for (const DTypeRow& row : kDTypeTable) {
    if (row.name == name) return row.dtype;
    names.emplace_back(row.name);
  }
  throw InvalidArgumentError("unknown dtype '" + std::string(name) + "'" +
                             did_you_mean(name, names));
}

size_t element_bits(DType dtype) noexcept {
  const DTypeRow* row = row_of(dtype);
  return row != nullptr ? row->bits : 0;
}

float to_float(BFloat16 value) noexcept {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

BFloat16 to_bfloat16(float value) noexcept {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return {static_cast<uint16_t>((bits >> 16) | 0x40U)};
  return {static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16)};
}

float to_float(Float16 value) noexcept {
  const uint32_t sign = static_cast<uint32_t>(value.bits & 0x8000U) << 16;
  const uint32_t exponent = (value.bits >> 10) & 0x1FU;
  const uint32_t fraction = value.bits & 0x3FFU;
  if (exponent == 0x1FU) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13));
  if (exponent != 0) {
    return std::bit_cast<float>(sign | ((exponent + 112U) << 23) | (fraction << 13));
  }
  const float subnormal = std::ldexp(static_cast<float>(fraction), -24);
  return sign != 0 ? -subnormal : subnormal;
}

Float16 to_float16(float value) noexcept {
  const auto bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000U);
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  const auto with_sign = [sign](uint32_t rest) {
    return Float16{static_cast<uint16_t>(sign | rest)};
  };
  if (magnitude > 0x7F800000U) return with_sign(0x7E00U);   // NaN
  if (magnitude >= 0x477FF000U) return with_sign(0x7C00U);  // rounds to infinity
  if (magnitude < 0x38800000U) {  // subnormal: adding 0.5 lets the FPU round at bit 2^-24
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return with_sign(std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5F));
  }
  const uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
  return with_sign((rounded - (112U << 23)) >> 13);
}

}  // namespace xpuruntime
