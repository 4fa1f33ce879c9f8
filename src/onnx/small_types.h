// SPDX-License-Identifier: Apache-2.0
/// Element types of eight bits and fewer that C++ has none for: float8, float6, float4, int4 and
/// int2. Here each element lies in the low bits of a byte; files and tensors pack those of fewer
/// than 8 bits. Nothing computes with them: they become float64 or int64, and back.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "onnx/tensor.h"

namespace xpuruntime::onnx {

/// What becomes of values that a small float cannot hold (the operator Cast).
struct Rounding {
  bool saturate = true;  ///< of float8: to the greatest value, else to infinity or NaN
  std::string_view round_mode = "up";  /// of float8e8m0: "up", "down" or "nearest"
};

bool is_small_float(DType dtype);
bool is_small_integer(DType dtype);
inline bool is_small(DType dtype) { return is_small_float(dtype) || is_small_integer(dtype); }

/// The value of a small float, and the nearest one of a value, ties to even.
double small_to_double(DType dtype, uint8_t bits);
uint8_t double_to_small(DType dtype, double value, const Rounding& rounding);

/// The value of a small integer. The other way round drops the higher bits.
int64_t small_to_int(DType dtype, uint8_t bits);
uint8_t int_to_small(DType dtype, int64_t value);

/// Elements of fewer than eight bits, packed as byte_count says, to one a byte and back.
bool is_packed(DType dtype);
void unpack(DType dtype, const void* packed, std::span<uint8_t> elements);
void pack(DType dtype, std::span<const uint8_t> elements, void* packed);

}  // namespace xpuruntime::onnx
