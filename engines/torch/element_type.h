// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <utility>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::torch_engine {

inline constexpr std::pair<at::ScalarType, int32_t> kElementTypes[] = {
    {at::kFloat, XPURT_FLOAT},
    {at::kByte, XPURT_UINT8},
    {at::kChar, XPURT_INT8},
    {at::kUInt16, XPURT_UINT16},
    {at::kShort, XPURT_INT16},
    {at::kInt, XPURT_INT32},
    {at::kLong, XPURT_INT64},
    {at::kBool, XPURT_BOOL},
    {at::kHalf, XPURT_FLOAT16},
    {at::kDouble, XPURT_DOUBLE},
    {at::kUInt32, XPURT_UINT32},
    {at::kUInt64, XPURT_UINT64},
    {at::kComplexFloat, XPURT_COMPLEX64},
    {at::kComplexDouble, XPURT_COMPLEX128},
    {at::kBFloat16, XPURT_BFLOAT16},
    {at::kFloat8_e4m3fn, XPURT_FLOAT8E4M3FN},
    {at::kFloat8_e4m3fnuz, XPURT_FLOAT8E4M3FNUZ},
    {at::kFloat8_e5m2, XPURT_FLOAT8E5M2},
    {at::kFloat8_e5m2fnuz, XPURT_FLOAT8E5M2FNUZ},
    {at::kFloat8_e8m0fnu, XPURT_FLOAT8E8M0},
};

/// XPURT_UNDEFINED for a type that the seam does not have.
constexpr int32_t dtype_of(at::ScalarType type) {
  for (const auto& [theirs, ours] : kElementTypes) {
    if (theirs == type) return ours;
  }
  return XPURT_UNDEFINED;
}

/// `Undefined` for a type that torch does not have.
constexpr at::ScalarType element_type_of(int32_t dtype) {
  for (const auto& [theirs, ours] : kElementTypes) {
    if (ours == dtype) return theirs;
  }
  return at::ScalarType::Undefined;
}

}  // namespace xpuruntime::torch_engine
