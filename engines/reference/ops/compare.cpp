// SPDX-License-Identifier: Apache-2.0
// Operators that make or follow booleans.
#include <algorithm>
#include <cstring>
#include <functional>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// bool = function(a, b), with multidirectional broadcasting.
template <typename TypeList, typename Function>
void compare(Call& call, TypeList types, Function function) {
  const auto& [a, b, shape] = call.operands();
  Tensor& y = call.output(0, DType::kBool, shape);
  Walk<2> at(shape, {broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape)});
  call.dispatch(a.dtype(), types, [&, &a = a, &b = b]<typename T>() {
    for (Bool* to = y.values<Bool>(); at.more(); at.next()) {
      *to++ = narrow<Bool>(function(widen(a.values<T>()[at[0]]), widen(b.values<T>()[at[1]])));
    }
  });
}

}  // namespace

void equal(Call& call) { compare(call, AllTypes{} + Types<std::string_view>{}, std::equal_to<>{}); }
void greater(Call& call) { compare(call, Numbers{}, std::greater<>{}); }
void greater_or_equal(Call& call) { compare(call, Numbers{}, std::greater_equal<>{}); }
void less(Call& call) { compare(call, Numbers{}, std::less<>{}); }
void less_or_equal(Call& call) { compare(call, Numbers{}, std::less_equal<>{}); }
void logical_and(Call& call) { compare(call, Types<Bool>{}, std::logical_and<>{}); }
void logical_or(Call& call) { compare(call, Types<Bool>{}, std::logical_or<>{}); }
void logical_xor(Call& call) { compare(call, Types<Bool>{}, std::not_equal_to<>{}); }

/// y = condition ? a : b, all three broadcast to one shape.
void where(Call& call) {
  const Tensor& condition = call.input(0);
  const Tensor& a = call.input(1);
  const Tensor& b = call.input(2);
  if (condition.dtype() != DType::kBool) call.fail("the condition must be bool");
  if (a.dtype() != b.dtype()) call.fail("the values' dtypes differ");
  const auto shape = broadcast(condition.shape(), call.broadcast_shape(1, 2));
  if (!shape) call.fail("the shapes do not broadcast to one");
  Tensor& y = call.output(0, a.dtype(), *shape);
  const size_t bytes = y.element_bytes();
  std::byte* to = y.data();
  Walk<3> at(*shape, {broadcast_strides(condition.shape(), *shape),
                      broadcast_strides(a.shape(), *shape), broadcast_strides(b.shape(), *shape)});
  for (; at.more(); at.next(), to += bytes) {
    const bool first = widen(condition.values<Bool>()[at[0]]);
    const int64_t offset = first ? at[1] : at[2];
    std::memcpy(to, (first ? a : b).data() + static_cast<size_t>(offset) * bytes, bytes);
  }
}

/// Indices of what is not zero, [rank, count], in row-major order; of a scalar it is [0, count].
void non_zero(Call& call) {
  const Tensor& x = call.input(0);
  call.dispatch(x.dtype(), AllTypes{}, [&]<typename T>() {
    const auto is_set = [](T value) { return widen(value) != Wide<T>{}; };
    const int64_t count = std::count_if(x.values<T>(), x.values<T>() + x.size(), is_set);
    Tensor& y = call.output(0, DType::kInt64, {x.rank(), count});
    int64_t* to = y.values<int64_t>();
    for (Walk<1> at(x.shape(), {strides_of(x.shape())}); at.more(); at.next()) {
      if (!is_set(x.values<T>()[at[0]])) continue;
      for (size_t d = 0; d < x.shape().size(); ++d) {
        to[static_cast<int64_t>(d) * count] = at.index()[d];
      }
      ++to;
    }
  });
}

}  // namespace xpuruntime::reference
