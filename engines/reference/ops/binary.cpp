// SPDX-License-Identifier: Apache-2.0
// Arithmetic on two or more tensors, with multidirectional broadcasting.
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// y = function(a, b) on elements of one type.
template <typename T, typename Function>
void zip(const Tensor& a, const Tensor& b, Tensor& y, Function function) {
  T* to = y.values<T>();
  Walk<2> at(y.shape(),
             {broadcast_strides(a.shape(), y.shape()), broadcast_strides(b.shape(), y.shape())});
  for (; at.more(); at.next()) {
    *to++ = narrow<T>(function(widen(a.values<T>()[at[0]]), widen(b.values<T>()[at[1]])));
  }
}

/// Integers are computed in 64 unsigned bits, so that they wrap around.
template <typename Function>
void arithmetic(Call& call, Function function) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  if (a.dtype() != b.dtype()) call.fail("the inputs' dtypes differ");
  Tensor& y = call.output(0, a.dtype(), call.broadcast_shape(0, 1));
  call.dispatch(a.dtype(), Numbers{}, [&]<typename T>() {
    zip<T>(a, b, y, [&](Wide<T> left, Wide<T> right) {
      return function(static_cast<Sum<T>>(left), static_cast<Sum<T>>(right));
    });
  });
}

/// Max and Min: all inputs broadcast to one shape; `keeps(a, b)` says that a stays. A NaN stays.
template <typename Keeps>
void fold(Call& call, Keeps keeps) {
  Shape shape = call.input(0).shape();
  for (size_t i = 1; i < call.input_count(); ++i) {
    if (call.input(i).dtype() != call.input(0).dtype()) call.fail("the inputs' dtypes differ");
    const auto wider = broadcast(shape, call.input(i).shape());
    if (!wider) call.fail("the shapes do not broadcast to one");
    shape = *wider;
  }
  Tensor& y = call.output(0, call.input(0).dtype(), shape);
  call.dispatch(y.dtype(), Numbers{}, [&]<typename T>() {
    for (size_t i = 0; i < call.input_count(); ++i) {
      const Tensor& x = call.input(i);
      T* to = y.values<T>();
      for (Walk<1> at(shape, {broadcast_strides(x.shape(), shape)}); at.more(); at.next(), ++to) {
        const T value = x.values<T>()[at[0]];
        const Wide<T> now = widen(*to);
        if (i == 0 || !(keeps(now, widen(value)) || now != now)) *to = value;
      }
    }
  });
}

/// Powers of an integer by squaring; negative ones are cut off toward zero.
uint64_t integer_power(uint64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    return base == ~uint64_t{0} ? (exponent % 2 == 0 ? 1 : base) : 0;
  }
  uint64_t result = 1;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 != 0) result *= base;
  }
  return result;
}

}  // namespace

void add(Call& call) {
  arithmetic(call, [](auto a, auto b) { return a + b; });
}

void sub(Call& call) {
  arithmetic(call, [](auto a, auto b) { return a - b; });
}

void mul(Call& call) {
  arithmetic(call, [](auto a, auto b) { return a * b; });
}

/// Integers are cut off toward zero; dividing one by zero is an error.
void div(Call& call) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  if (a.dtype() != b.dtype()) call.fail("the inputs' dtypes differ");
  Tensor& y = call.output(0, a.dtype(), call.broadcast_shape(0, 1));
  call.dispatch(a.dtype(), Floats{} + Integers{}, [&]<typename T>() {
    zip<T>(a, b, y, [&](Wide<T> left, Wide<T> right) -> Wide<T> {
      if constexpr (std::is_integral_v<T>) {
        if (right == 0) call.fail("division of an integer by zero");
        if constexpr (std::is_signed_v<T>) {  // the least integer by -1 has no result
          if (right == -1) return static_cast<T>(uint64_t{0} - static_cast<uint64_t>(left));
        }
        return static_cast<T>(left / right);
      } else {
        return left / right;
      }
    });
  });
}

void max(Call& call) {
  fold(call, [](auto a, auto b) { return a >= b; });
}

void min(Call& call) {
  fold(call, [](auto a, auto b) { return a <= b; });
}

/// The result has the base's dtype, and the exponent one of its own from operator set 12 on.
void pow(Call& call) {
  const Tensor& base = call.input(0);
  const DType dtype = base.dtype();
  const DType exponent_dtype = call.input(1).dtype();
  const bool integers = visit(dtype, Integers{}, []<typename T>() {}) &&
                        visit(exponent_dtype, Integers{}, []<typename T>() {});
  Tensor& y = call.output(0, dtype, call.broadcast_shape(0, 1));
  const Tensor exponent = call.as(1, integers ? DType::kInt64 : DType::kDouble);
  Walk<2> at(y.shape(), {broadcast_strides(base.shape(), y.shape()),
                         broadcast_strides(exponent.shape(), y.shape())});
  call.dispatch(dtype, Numbers{}, [&]<typename T>() {
    for (T* to = y.values<T>(); at.more(); at.next()) {
      const Wide<T> x = widen(base.values<T>()[at[0]]);
      if (integers) {
        const int64_t power = exponent.values<int64_t>()[at[1]];
        *to++ = narrow<T>(integer_power(static_cast<uint64_t>(x), power));
      } else {
        const double power = exponent.values<double>()[at[1]];
        *to++ = float_to<T>(std::pow(static_cast<double>(x), power));
      }
    }
  });
}

}  // namespace xpuruntime::reference
