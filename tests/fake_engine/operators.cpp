// SPDX-License-Identifier: Apache-2.0
#include "operators.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace xpuruntime::fake {
namespace {

using engine::Failure;

template <typename Body>
void dispatch(int32_t dtype, Body&& body) {
  dtype == XPURT_DOUBLE ? body(double{}) : body(float{});
}

template <typename T>
std::span<T> elements(const Array& array) {
  return {reinterpret_cast<T*>(array.data), static_cast<size_t>(array.bytes() / sizeof(T))};
}

uint64_t count_nonzero(const Array& array) {
  uint64_t count = 0;
  dispatch(array.dtype, [&]<typename T>(T) {
    for (const T value : elements<T>(array)) count += value != T{} ? 1 : 0;
  });
  return count;
}

void nonzero(const Array& array, Array& out) {
  const auto found = static_cast<size_t>(out.shape[1]);
  const std::span<int64_t> indices = elements<int64_t>(out);
  dispatch(array.dtype, [&]<typename T>(T) {
    const std::span<T> values = elements<T>(array);
    size_t column = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] == T{}) continue;
      size_t rest = i;
      for (size_t axis = array.shape.size(); axis-- > 0;) {
        const auto dim = static_cast<size_t>(array.shape[axis]);
        indices[axis * found + column] = static_cast<int64_t>(rest % dim);
        rest /= dim;
      }
      ++column;
    }
  });
}

}  // namespace

Array own_array(int32_t dtype, std::vector<int64_t> shape) {
  Array array{dtype, std::move(shape), nullptr, nullptr};
  const std::shared_ptr<std::byte[]> memory(new std::byte[array.bytes()]());
  array.data = memory.get();
  array.owner = memory;
  return array;
}

void copy(const Array& from, std::byte* to) {
  if (from.bytes() != 0 && from.data != to) std::memcpy(to, from.data, from.bytes());
}

Array weights_of(const Step& step) {
  auto* data = reinterpret_cast<std::byte*>(const_cast<float*>(step.weights.data()));
  return {XPURT_FLOAT, {static_cast<int64_t>(step.weights.size())}, data, nullptr};
}

std::string describe(int32_t dtype, const std::vector<int64_t>& shape) {
  std::string text = dtype_name(dtype);
  char before = '[';
  for (const int64_t dim : shape) {
    text += before;
    text += dim < 0 ? "?" : std::to_string(dim);
    before = ',';
  }
  return text += shape.empty() ? "[]" : "]";
}

bool infer(const Step& step, const Values& values, bool data_is_there, Array& meta) {
  if (step.op == "fill") {
    meta.dtype = XPURT_FLOAT;
    for (size_t i = 1; i < step.numbers.size(); ++i) {
      meta.shape.push_back(static_cast<int64_t>(step.numbers[i]));
    }
    return true;
  }
  if (step.op == "weights") {
    meta.dtype = XPURT_FLOAT;
    meta.shape = {static_cast<int64_t>(step.weights.size())};
    return true;
  }
  const Array& a = values.at(step.operands[0]);
  meta.dtype = a.dtype;
  if (step.op == "nonzero") {
    if (!data_is_there) return false;
    meta.dtype = XPURT_INT64;
    meta.shape = {static_cast<int64_t>(a.shape.size()), static_cast<int64_t>(count_nonzero(a))};
    return true;
  }
  if (step.op == "sum") return true;
  meta.shape = a.shape;
  if (step.operands.size() < 2) return true;
  const Array& b = values.at(step.operands[1]);
  const size_t first = step.op == "concat" ? 1 : 0;
  if (a.shape.size() != b.shape.size() || a.shape.size() < first ||
      !std::equal(a.shape.begin() + static_cast<int64_t>(first), a.shape.end(),
                  b.shape.begin() + static_cast<int64_t>(first))) {
    throw Failure(XPURT_INVALID_ARGUMENT, step.op + " cannot take " + describe(a.dtype, a.shape) +
                                              " with " + describe(b.dtype, b.shape));
  }
  if (step.op == "concat") meta.shape[0] += b.shape[0];
  return true;
}

void compute(const Step& step, const Values& values, Values& state, Array& out) {
  if (step.op == "weights") return copy(weights_of(step), out.data);
  if (step.op == "fill") {
    for (float& value : elements<float>(out)) value = static_cast<float>(step.numbers[0]);
    return;
  }
  const Array& a = values.at(step.operands[0]);
  if (step.op == "identity" || step.op.starts_with("give")) return copy(a, out.data);
  if (step.op == "nonzero") return nonzero(a, out);
  if (step.op == "concat") {
    copy(a, out.data);
    return copy(values.at(step.operands[1]), out.data + a.bytes());
  }
  dispatch(a.dtype, [&]<typename T>(T) {
    const std::span<T> from = elements<T>(a);
    const std::span<T> to = elements<T>(out);
    if (step.op == "sum") {
      to[0] = T{};
      for (const T value : from) to[0] += value;
    } else if (step.op == "add") {
      const std::span<T> other = elements<T>(values.at(step.operands[1]));
      for (size_t i = 0; i < to.size(); ++i) to[i] = from[i] + other[i];
    } else if (step.op == "accumulate") {
      Array& before = state[step.result];
      if (before.shape != out.shape || before.data == nullptr)
        before = own_array(a.dtype, out.shape);
      const std::span<T> sum = elements<T>(before);
      for (size_t i = 0; i < to.size(); ++i) to[i] = sum[i] += from[i];
    } else {
      for (size_t i = 0; i < to.size(); ++i) to[i] = from[i] * static_cast<T>(step.numbers[0]);
    }
  });
}

}  // namespace xpuruntime::fake
