// SPDX-License-Identifier: Apache-2.0
#include "toolkit/random_inputs.h"

#include <algorithm>
#include <random>

#include "toolkit/element_visit.h"
#include "toolkit/narrow_types.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

/// FNV-1a, so that inputs of one seed differ whatever their order.
uint64_t hash(const std::string& text) {
  uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return value;
}

template <typename T>
T random_element(std::mt19937_64& bits) {
  // The standard's distributions differ between libraries; these do not.
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(bits() >> 63);
  } else if constexpr (std::is_same_v<T, double>) {
    return static_cast<double>(bits() >> 11) * 0x1p-53;
  } else if constexpr (std::is_same_v<T, float>) {
    return static_cast<float>(bits() >> 40) * 0x1p-24f;
  } else if constexpr (std::is_same_v<T, Float16>) {
    return to_float16(static_cast<float>(bits() >> 53) * 0x1p-11f);  // 11 bits: never rounds to 1
  } else {
    return to_bfloat16(static_cast<float>(bits() >> 56) * 0x1p-8f);
  }
}

Tensor random_words(const Shape& shape, std::mt19937_64& bits) {
  std::vector<std::string> words(static_cast<size_t>(shape.element_count()));
  for (std::string& word : words) {
    for (size_t letters = 3 + bits() % 6; letters > 0; --letters) {
      word += static_cast<char>('a' + bits() % 26);
    }
  }
  return Tensor::from_strings(words, shape);
}

void fill_narrow(Tensor& tensor, std::mt19937_64& bits) {
  auto* const bytes = static_cast<uint8_t*>(tensor.mutable_data());
  const size_t width = element_bits(tensor.dtype());
  for (size_t i = 0; i < tensor.byte_size(); ++i) {
    unsigned byte = 0;
    for (size_t bit = 0; bit < 8; bit += width) {
      byte |= static_cast<unsigned>(narrow_random(tensor.dtype(), bits())) << bit;
    }
    bytes[i] = static_cast<uint8_t>(byte);
  }
}

std::string quoted(const TensorInfo& info) { return "input '" + info.name + "'"; }

const TensorInfo& input_named(std::span<const TensorInfo> inputs, const std::string& name) {
  const auto found = std::ranges::find(inputs, name, &TensorInfo::name);
  if (found != inputs.end()) return *found;
  std::string known;
  for (const auto& info : inputs) known += (known.empty() ? "'" : ", '") + info.name + "'";
  throw InvalidArgumentError("there is no input '" + name + "'; the model has " + known);
}

void check_fits(const TensorInfo& info, const Shape& shape) {
  bool fits = info.has_rank ? shape.rank() == info.shape.rank() : shape.is_static();
  for (size_t i = 0; fits && info.has_rank && i < shape.rank(); ++i) {
    fits = shape[i] == -1 || (info.shape[i] < 0 ? shape[i] >= 0 : info.shape[i] == shape[i]);
  }
  if (!fits) {
    throw InvalidArgumentError(quoted(info) + ": expected a shape that fits " + to_string(info) +
                               ", got " + to_string(shape));
  }
}

std::string dim_name(const TensorInfo& info, size_t i) {
  return i < info.dim_names.size() ? info.dim_names[i] : "";
}

bool has_batch(const TensorInfo& info) {
  return info.has_rank && info.shape.rank() > 0 && info.shape[0] < 0;
}

}  // namespace

Tensor random_tensor(const TensorInfo& info, const Shape& shape, uint64_t seed) {
  std::mt19937_64 bits(seed ^ hash(info.name));
  if (info.dtype == DType::kString) return random_words(shape, bits);
  Tensor tensor(info.dtype, shape);
  if (is_narrow(info.dtype)) {
    fill_narrow(tensor, bits);
    return tensor;
  }
  visit_element_type(info.dtype, [&](auto element) {
    using T = decltype(element);
    for (T& value : tensor.mutable_values<T>()) value = random_element<T>(bits);
  });
  return tensor;
}

bool takes_batch(std::span<const TensorInfo> inputs) {
  return std::ranges::any_of(inputs, has_batch);
}

std::vector<Shape> input_shapes(std::span<const TensorInfo> inputs, const ShapeRequest& request) {
  std::map<std::string, int64_t> by_name;
  for (const auto& info : inputs) {
    if (has_batch(info)) by_name.emplace(dim_name(info, 0), request.batch);
  }
  for (const auto& [name, shape] : request.shapes) {
    const TensorInfo& info = input_named(inputs, name);
    check_fits(info, shape);
    for (size_t i = 0; info.has_rank && i < shape.rank(); ++i) {
      if (info.shape[i] < 0 && shape[i] >= 0) by_name[dim_name(info, i)] = shape[i];
    }
  }
  by_name.erase("");

  std::vector<Shape> shapes;
  for (const auto& info : inputs) {
    if (info.kind == ValueKind::kTensor && info.dtype == DType::kUndefined) {
      throw InvalidArgumentError(quoted(info) + ": its element type is not known; give the input");
    }
    const auto given = request.shapes.find(info.name);
    if (given == request.shapes.end() && !info.has_rank) {
      throw InvalidArgumentError(quoted(info) + ": its rank is not known; its shape must be given");
    }
    const Shape& open = given == request.shapes.end() ? info.shape : given->second;
    std::vector<int64_t> dims(open.begin(), open.end());
    for (size_t i = 0; i < dims.size(); ++i) {
      if (dims[i] >= 0) continue;
      if (info.shape[i] >= 0) {
        dims[i] = info.shape[i];
        continue;
      }
      const auto named = by_name.find(dim_name(info, i));
      dims[i] = named != by_name.end() ? named->second : i == 0 ? request.batch : 1;
    }
    shapes.emplace_back(std::span<const int64_t>(dims));
  }
  return shapes;
}

}  // namespace xpuruntime::toolkit
