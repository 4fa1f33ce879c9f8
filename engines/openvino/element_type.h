// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <openvino/core/type/element_type.hpp>
#include <utility>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::openvino {

inline constexpr std::pair<ov::element::Type_t, int32_t> kElementTypes[] = {
    {ov::element::f32, XPURT_FLOAT},         {ov::element::u8, XPURT_UINT8},
    {ov::element::i8, XPURT_INT8},           {ov::element::u16, XPURT_UINT16},
    {ov::element::i16, XPURT_INT16},         {ov::element::i32, XPURT_INT32},
    {ov::element::i64, XPURT_INT64},         {ov::element::boolean, XPURT_BOOL},
    {ov::element::f16, XPURT_FLOAT16},       {ov::element::f64, XPURT_DOUBLE},
    {ov::element::u32, XPURT_UINT32},        {ov::element::u64, XPURT_UINT64},
    {ov::element::bf16, XPURT_BFLOAT16},     {ov::element::f8e4m3, XPURT_FLOAT8E4M3FN},
    {ov::element::f8e5m2, XPURT_FLOAT8E5M2}, {ov::element::f8e8m0, XPURT_FLOAT8E8M0},
    {ov::element::f4e2m1, XPURT_FLOAT4E2M1}, {ov::element::u4, XPURT_UINT4},
    {ov::element::i4, XPURT_INT4},           {ov::element::u2, XPURT_UINT2},
};

/// XPURT_UNDEFINED for a type that the seam does not have.
constexpr int32_t dtype_of(ov::element::Type_t type) {
  for (const auto& [theirs, ours] : kElementTypes) {
    if (theirs == type) return ours;
  }
  return XPURT_UNDEFINED;
}

/// `dynamic` for a type that OpenVINO does not have.
constexpr ov::element::Type_t element_type_of(int32_t dtype) {
  for (const auto& [theirs, ours] : kElementTypes) {
    if (ours == dtype) return theirs;
  }
  return ov::element::Type_t::dynamic;
}

}  // namespace xpuruntime::openvino
