// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <executorch/runtime/core/exec_aten/exec_aten.h>

#include <cstdint>
#include <utility>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::executorch_engine {

using executorch::aten::ScalarType;

inline constexpr std::pair<ScalarType, int32_t> kElementTypes[] = {
    {ScalarType::Float, XPURT_FLOAT},
    {ScalarType::Byte, XPURT_UINT8},
    {ScalarType::Char, XPURT_INT8},
    {ScalarType::UInt16, XPURT_UINT16},
    {ScalarType::Short, XPURT_INT16},
    {ScalarType::Int, XPURT_INT32},
    {ScalarType::Long, XPURT_INT64},
    {ScalarType::Bool, XPURT_BOOL},
    {ScalarType::Half, XPURT_FLOAT16},
    {ScalarType::Double, XPURT_DOUBLE},
    {ScalarType::UInt32, XPURT_UINT32},
    {ScalarType::UInt64, XPURT_UINT64},
    {ScalarType::ComplexFloat, XPURT_COMPLEX64},
    {ScalarType::ComplexDouble, XPURT_COMPLEX128},
    {ScalarType::BFloat16, XPURT_BFLOAT16},
};

/// XPURT_UNDEFINED for a type that the seam does not have.
constexpr int32_t dtype_of(ScalarType type) {
  for (const auto& [theirs, ours] : kElementTypes) {
    if (theirs == type) return ours;
  }
  return XPURT_UNDEFINED;
}

/// `Undefined` for a type that ExecuTorch does not have.
constexpr ScalarType element_type_of(int32_t dtype) {
  for (const auto& [theirs, ours] : kElementTypes) {
    if (ours == dtype) return theirs;
  }
  return ScalarType::Undefined;
}

}  // namespace xpuruntime::executorch_engine
