// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// body(line) changes the values along one axis, the last by default. Before operator set 13 they
/// are those of all dimensions from the axis on, 1 by default.
template <typename Body>
void for_each_line(Call& call, Body body) {
  const Tensor& x = call.input(0);
  const bool flat = call.opset() < 13;
  const size_t rank = x.shape().size();
  Tensor& y = call.output(0, x.dtype(), x.shape());
  const int64_t given = call.int_or("axis", flat ? 1 : -1);
  const size_t axis = flat && given == x.rank() ? rank : call.axis(given, x.rank());
  const int64_t outer = product(x.shape(), 0, axis);
  const int64_t count = flat ? product(x.shape(), axis, rank) : x.shape()[axis];
  const int64_t inner = flat ? 1 : product(x.shape(), axis + 1, rank);
  if (x.size() == 0) return;
  std::vector<double> values(static_cast<size_t>(count));
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    for (int64_t line = 0; line < outer * inner; ++line) {
      const int64_t start = line / inner * count * inner + line % inner;
      const T* from = x.values<T>() + start;
      for (double& value : values) {
        value = widen(*from);
        from += inner;
      }
      body(std::span(values));
      T* to = y.values<T>() + start;
      for (const double value : values) {
        *to = narrow<T>(value);
        to += inner;
      }
    }
  });
}

/// Takes the greatest value from all, and returns the sum of their exponentials.
double centre(std::span<double> values) {
  const double most = *std::ranges::max_element(values);
  double sum = 0;
  for (double& value : values) sum += std::exp(value -= most);
  return sum;
}

}  // namespace

void softmax(Call& call) {
  for_each_line(call, [](std::span<double> values) {
    const double sum = centre(values);
    for (double& value : values) value = std::exp(value) / sum;
  });
}

void log_softmax(Call& call) {
  for_each_line(call, [](std::span<double> values) {
    const double log_sum = std::log(centre(values));
    for (double& value : values) value -= log_sum;
  });
}

/// 1 for the first of the greatest, 0 for all others.
void hardmax(Call& call) {
  for_each_line(call, [](std::span<double> values) {
    const auto best = std::ranges::max_element(values) - values.begin();
    std::ranges::fill(values, 0);
    values[static_cast<size_t>(best)] = 1;
  });
}

}  // namespace xpuruntime::reference
