// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// k is an attribute before operator set 10.
int64_t read_count(const Call& call) {
  if (call.opset() < 10) return call.int_or("k", -1);
  const std::vector<int64_t> given = call.integers(1);
  return given.size() == 1 ? given[0] : -1;
}

}  // namespace

/// The k greatest or least along an axis, the best first, and their indices; of equals the first. A
/// NaN is the greatest.
void top_k(Call& call) {
  const Tensor& x = call.input(0);
  const size_t axis = call.axis(call.int_or("axis", -1), x.rank());
  const bool largest = call.int_or("largest", 1) != 0;
  const int64_t count = x.shape()[axis];
  const int64_t k = read_count(call);
  if (k < 0 || k > count) call.fail("k must be one number, at most the axis's length");
  Shape shape = x.shape();
  shape[axis] = k;
  const int64_t inner = product(shape, axis + 1, shape.size());
  Tensor& y = call.output(0, x.dtype(), shape);
  Tensor places = call.output(1, DType::kInt64, shape);
  std::vector<int64_t> order(static_cast<size_t>(count));
  call.dispatch(x.dtype(), Numbers{}, [&]<typename T>() {
    for (int64_t line = 0; line < (k > 0 ? y.size() / k : 0); ++line) {
      const T* values = x.values<T>() + line / inner * count * inner + line % inner;
      const auto is_better = [&](int64_t i, int64_t j) {
        const Wide<T> a = widen(values[i * inner]), b = widen(values[j * inner]);
        const bool a_is_nan = a != a, b_is_nan = b != b;
        if (a_is_nan != b_is_nan) return a_is_nan == largest;
        if (a_is_nan || a == b) return i < j;
        return (a > b) == largest;
      };
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + k, order.end(), is_better);
      const int64_t first = line / inner * k * inner + line % inner;
      for (int64_t i = 0; i < k; ++i) {
        const int64_t place = order[static_cast<size_t>(i)];
        y.values<T>()[first + i * inner] = values[place * inner];
        places.values<int64_t>()[first + i * inner] = place;
      }
    }
  });
}

}  // namespace xpuruntime::reference
