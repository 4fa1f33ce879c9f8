// SPDX-License-Identifier: Apache-2.0
#include "onnx/tensor.h"

#include <array>
#include <limits>

namespace xpuruntime::onnx {
namespace {

struct DTypeFacts {
  const char* name;
  int bits;
};

// In the order of the numbers.
constexpr std::array<DTypeFacts, 29> kFacts{
    {{"undefined", 0},      {"float32", 32},     {"uint8", 8},          {"int8", 8},
     {"uint16", 16},        {"int16", 16},       {"int32", 32},         {"int64", 64},
     {"string", 0},         {"bool", 8},         {"float16", 16},       {"float64", 64},
     {"uint32", 32},        {"uint64", 64},      {"complex64", 64},     {"complex128", 128},
     {"bfloat16", 16},      {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
     {"float8e5m2fnuz", 8}, {"uint4", 4},        {"int4", 4},           {"float4e2m1", 4},
     {"float8e8m0", 8},     {"uint2", 2},        {"int2", 2},           {"float6e2m3", 6},
     {"float6e3m2", 6}}};

const DTypeFacts* facts(DType dtype) {
  const auto number = static_cast<size_t>(dtype);
  return static_cast<int32_t>(dtype) >= 0 && number < kFacts.size() ? &kFacts[number] : nullptr;
}

constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();

}  // namespace

std::string dtype_name(DType dtype) {
  const DTypeFacts* known = facts(dtype);
  return known != nullptr ? known->name : "dtype " + std::to_string(static_cast<int32_t>(dtype));
}

int bit_width(DType dtype) {
  const DTypeFacts* known = facts(dtype);
  return known != nullptr ? known->bits : 0;
}

std::optional<uint64_t> element_count(std::span<const int64_t> shape) {
  uint64_t count = 1;
  bool empty = false;
  for (const int64_t dim : shape) {
    if (dim < 0) return std::nullopt;
    if (dim == 0) {
      empty = true;
    } else if (count > kMost / static_cast<uint64_t>(dim)) {
      return std::nullopt;
    } else {
      count *= static_cast<uint64_t>(dim);
    }
  }
  return empty ? 0 : count;
}

std::optional<uint64_t> byte_count(DType dtype, uint64_t elements) {
  const auto bits = static_cast<uint64_t>(bit_width(dtype));
  if (bits == 0 || elements > (kMost - 7) / bits) return std::nullopt;
  return (elements * bits + 7) / 8;
}

std::optional<uint64_t> byte_count(DType dtype, std::span<const int64_t> shape) {
  const std::optional<uint64_t> elements = element_count(shape);
  if (!elements) return std::nullopt;
  return byte_count(dtype, *elements);
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace xpuruntime::onnx
