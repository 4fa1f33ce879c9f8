// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// The attribute's own memory, which lives as long as the model and is written by nobody.
Tensor view_of(const void* data, DType dtype, Shape shape) {
  return {dtype, std::move(shape), const_cast<void*>(data)};
}

template <typename T>
const T* value_of(const Call& call, const char* name) {
  const onnx::Attribute* attribute = call.node().attribute(name);
  return attribute != nullptr ? std::get_if<T>(&attribute->value) : nullptr;
}

Tensor view_of_tensor(const Call& call, const onnx::Tensor& tensor) {
  if (!is_supported(tensor.dtype)) call.unsupported(tensor.dtype);
  return tensor_of(tensor);
}

/// Views of the attribute's strings.
Tensor strings(const Call& call, std::span<const std::string> texts, Shape shape) {
  Tensor views = call.scratch(DType::kString, std::move(shape));
  std::ranges::copy(texts, views.values<std::string_view>());
  return views;
}

}  // namespace

/// One of several attributes holds the value; those for one number and for lists came with
/// operator set 12.
void constant(Call& call) {
  if (const onnx::Tensor* tensor = value_of<onnx::Tensor>(call, "value")) {
    call.output_view(0, view_of_tensor(call, *tensor));
  } else if (const auto* number = value_of<float>(call, "value_float")) {
    call.output_view(0, view_of(number, DType::kFloat, {}));
  } else if (const auto* integer = value_of<int64_t>(call, "value_int")) {
    call.output_view(0, view_of(integer, DType::kInt64, {}));
  } else if (const auto* numbers = value_of<std::vector<float>>(call, "value_floats")) {
    const auto count = static_cast<int64_t>(numbers->size());
    call.output_view(0, view_of(numbers->data(), DType::kFloat, {count}));
  } else if (const auto* integers = value_of<std::vector<int64_t>>(call, "value_ints")) {
    const auto count = static_cast<int64_t>(integers->size());
    call.output_view(0, view_of(integers->data(), DType::kInt64, {count}));
  } else if (const auto* text = value_of<std::string>(call, "value_string")) {
    call.output_view(0, strings(call, {text, 1}, {}));
  } else if (const auto* texts = value_of<std::vector<std::string>>(call, "value_strings")) {
    call.output_view(0, strings(call, *texts, {static_cast<int64_t>(texts->size())}));
  } else {
    call.unsupported("engine reference reads constants that are numbers, strings or dense tensors");
  }
}

/// start, start + delta, ... as long as it is before limit.
void range(Call& call) {
  const DType dtype = call.input(0).dtype();
  for (size_t i = 0; i < 3; ++i) {
    if (call.input(i).size() != 1 || call.input(i).dtype() != dtype) {
      call.fail("start, limit and delta must be one value each, of one dtype");
    }
  }
  call.dispatch(dtype, Floats{} + Types<int16_t, int32_t, int64_t>{}, [&]<typename T>() {
    const auto number = [&](size_t i) { return widen(*call.input(i).values<T>()); };
    const auto start = number(0), limit = number(1), delta = number(2);
    if (delta == 0) call.fail("delta is 0");
    int64_t count = 0;
    if constexpr (kIsFloat<T>) {
      count = float_to<int64_t>(std::max(0.0, std::ceil((limit - start) / delta)));
    } else if (delta > 0 ? start < limit : start > limit) {
      const auto wide = [](auto value) { return static_cast<uint64_t>(int64_t{value}); };
      const uint64_t span = delta > 0 ? wide(limit) - wide(start) : wide(start) - wide(limit);
      const uint64_t step = delta > 0 ? wide(delta) : 0 - wide(delta);
      count = static_cast<int64_t>(std::min((span - 1) / step, ~uint64_t{0} / 2 - 1)) + 1;
    }
    Tensor& y = call.output(0, dtype, {count});
    for (int64_t i = 0; i < y.size(); ++i) {
      const auto steps = static_cast<Sum<T>>(i);
      y.values<T>()[i] = narrow<T>(static_cast<Sum<T>>(start) + steps * static_cast<Sum<T>>(delta));
    }
  });
}

/// Filled with `value`, a tensor of one element; float 0 where it is not given.
void constant_of_shape(Call& call) {
  const float zero = 0;
  const onnx::Tensor* given = call.tensor("value");
  const Tensor value =
      given != nullptr ? view_of_tensor(call, *given) : view_of(&zero, DType::kFloat, {1});
  if (value.size() != 1) call.fail("attribute 'value' must have one element");
  Tensor& y = call.output(0, value.dtype(), call.integers(0));
  const size_t bytes = value.element_bytes();
  for (uint64_t at = 0; at < y.bytes(); at += bytes) {
    std::memcpy(y.data() + at, value.data(), bytes);
  }
}

}  // namespace xpuruntime::reference
