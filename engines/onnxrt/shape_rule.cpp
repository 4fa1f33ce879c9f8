// SPDX-License-Identifier: Apache-2.0
#include "shape_rule.h"

namespace xpuruntime::onnxrt {
namespace {

int64_t bits_of(int32_t dtype) {
  switch (dtype) {
    case XPURT_UINT2:
    case XPURT_INT2:
      return 2;
    case XPURT_UINT4:
    case XPURT_INT4:
    case XPURT_FLOAT4E2M1:
      return 4;
    case XPURT_BOOL:
    case XPURT_INT8:
    case XPURT_UINT8:
    case XPURT_FLOAT8E4M3FN:
    case XPURT_FLOAT8E4M3FNUZ:
    case XPURT_FLOAT8E5M2:
    case XPURT_FLOAT8E5M2FNUZ:
    case XPURT_FLOAT8E8M0:
      return 8;
    case XPURT_INT16:
    case XPURT_UINT16:
    case XPURT_FLOAT16:
    case XPURT_BFLOAT16:
      return 16;
    case XPURT_INT32:
    case XPURT_UINT32:
    case XPURT_FLOAT:
      return 32;
    case XPURT_INT64:
    case XPURT_UINT64:
    case XPURT_DOUBLE:
    case XPURT_COMPLEX64:
      return 64;
    case XPURT_COMPLEX128:
      return 128;
    default:
      return 0;
  }
}

}  // namespace

ShapeRule::ShapeRule(const engine::TensorSpec& output,
                     const std::vector<engine::TensorSpec>& inputs) {
  if (!output.has_rank || output.kind != XPURT_KIND_TENSOR || bits_of(output.dtype) == 0) return;
  const auto source_of = [&](size_t d) -> std::optional<Dimension> {
    if (output.shape[d] > 0) return Dimension{output.shape[d]};
    const std::string& symbol = output.dim_names[d];
    if (symbol.empty()) return std::nullopt;
    for (size_t i = 0; i < inputs.size(); ++i) {
      for (size_t axis = 0; axis < inputs[i].dim_names.size(); ++axis) {
        if (inputs[i].dim_names[axis] != symbol) continue;
        return Dimension{-1, static_cast<int32_t>(i), static_cast<int32_t>(axis)};
      }
    }
    return std::nullopt;
  };
  for (size_t d = 0; d < output.shape.size(); ++d) {
    const auto dimension = source_of(d);
    if (!dimension) return;
    dimensions_.push_back(*dimension);
  }
  known_ = true;
}

bool ShapeRule::resolve(const engine::RunArgs& args, std::vector<int64_t>& shape) const {
  shape.resize(dimensions_.size());
  for (size_t d = 0; d < dimensions_.size(); ++d) {
    const Dimension& dimension = dimensions_[d];
    if (dimension.input < 0) {
      shape[d] = dimension.size;
      continue;
    }
    const xpurt_value& input = args.input(static_cast<uint32_t>(dimension.input));
    if (dimension.axis >= input.rank) return false;
    shape[d] = input.shape[dimension.axis];
  }
  return true;
}

std::optional<uint64_t> tensor_bytes(int32_t dtype, std::span<const int64_t> shape) {
  const int64_t bits = bits_of(dtype);
  if (bits == 0) return std::nullopt;
  int64_t count = 1;
  bool is_empty = false;
  for (const int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (size == 0) is_empty = true;
  }
  if (is_empty) return 0;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  int64_t all_bits = 0;
  if (__builtin_mul_overflow(count, bits, &all_bits) ||
      __builtin_add_overflow(all_bits, 7, &all_bits)) {
    return std::nullopt;
  }
  return static_cast<uint64_t>(all_bits / 8);
}

}  // namespace xpuruntime::onnxrt
