// SPDX-License-Identifier: Apache-2.0
// What comes of all elements up to each one, along an axis.
#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// `exclusive` leaves out the element itself, `reverse` begins at the end.
template <typename Step>
void cumulate(Call& call, int start, Step step) {
  const Tensor& x = call.input(0);
  const std::vector<int64_t> given = call.integers(1);
  if (given.size() != 1) call.fail("the axis must be one number");
  const size_t axis = call.axis(given[0], x.rank());
  const bool exclusive = call.int_or("exclusive", 0) != 0;
  const bool reverse = call.int_or("reverse", 0) != 0;
  Tensor& y = call.output(0, x.dtype(), x.shape());
  const int64_t count = x.shape()[axis];
  const int64_t inner = product(x.shape(), axis + 1, x.shape().size());
  call.dispatch(x.dtype(), Numbers{}, [&]<typename T>() {
    for (int64_t line = 0; line < (count > 0 ? x.size() / count : 0); ++line) {
      const int64_t first = line / inner * count * inner + line % inner;
      auto state = static_cast<Sum<T>>(start);
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = first + (reverse ? count - 1 - i : i) * inner;
        const auto next = step(state, static_cast<Sum<T>>(widen(x.values<T>()[at])));
        y.values<T>()[at] = narrow<T>(exclusive ? state : next);
        state = next;
      }
    }
  });
}

}  // namespace

void cum_sum(Call& call) {
  cumulate(call, 0, [](auto sum, auto value) { return sum + value; });
}

void cum_prod(Call& call) {
  cumulate(call, 1, [](auto product, auto value) { return product * value; });
}

}  // namespace xpuruntime::reference
