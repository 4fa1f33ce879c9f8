// SPDX-License-Identifier: Apache-2.0
// Arithmetic on two or more tensors, with multidirectional broadcasting.
#include <algorithm>
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// y = function(a, b), in double for floats and in the type itself for integers.
template <typename TypeList, typename Function>
void zip(Call& call, const Operands& operands, TypeList types, Function function) {
  const auto& [a, b, shape] = operands;
  Tensor& y = call.output(0, a.dtype(), shape);
  Walk<2> at(shape, {broadcast_strides(a.shape(), shape), broadcast_strides(b.shape(), shape)});
  call.dispatch(a.dtype(), types, [&, &a = a, &b = b]<typename T>() {
    for (T* to = y.values<T>(); at.more(); at.next()) {
      *to++ = narrow<T>(function(widen(a.values<T>()[at[0]]), widen(b.values<T>()[at[1]])));
    }
  });
}
template <typename TypeList, typename Function>
void zip(Call& call, TypeList types, Function function) {
  zip(call, call.operands(), types, function);
}

/// Integers are computed in 64 unsigned bits, so that they wrap around.
template <typename Function>
void arithmetic(Call& call, Function function) {
  zip(call, Numbers{}, [&](auto a, auto b) {
    using Wider = Sum<decltype(a)>;
    return function(static_cast<Wider>(a), static_cast<Wider>(b));
  });
}

/// a / b or what is left of it: the caller has seen that `b` is not 0. The least integer by -1 has
/// no result and wraps around.
template <typename T>
T quotient(T a, T b) {
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return static_cast<T>(uint64_t{0} - static_cast<uint64_t>(a));
  }
  return static_cast<T>(a / b);
}

/// That all inputs broadcast to.
Shape common_shape(const Call& call) {
  Shape shape = call.input(0).shape();
  for (size_t i = 1; i < call.input_count(); ++i) {
    if (call.input(i).dtype() != call.input(0).dtype()) call.fail("the inputs' dtypes differ");
    const auto wider = broadcast(shape, call.input(i).shape());
    if (!wider) call.fail("the shapes do not broadcast to one");
    shape = *wider;
  }
  return shape;
}

/// Sum and Mean, in double.
void add_all(Call& call, double scale) {
  const Shape shape = common_shape(call);
  Tensor& y = call.output(0, call.input(0).dtype(), shape);
  call.dispatch(y.dtype(), Floats{}, [&]<typename T>() {
    std::vector<double> sums(static_cast<size_t>(y.size()));
    for (size_t i = 0; i < call.input_count(); ++i) {
      const Tensor& x = call.input(i);
      auto sum = sums.begin();
      for (Walk<1> at(shape, {broadcast_strides(x.shape(), shape)}); at.more(); at.next()) {
        *sum++ += widen(x.values<T>()[at[0]]);
      }
    }
    std::ranges::transform(sums, y.values<T>(), [=](double sum) { return narrow<T>(sum * scale); });
  });
}

/// Max and Min: all inputs broadcast to one shape; `keeps(a, b)` says that a stays. A NaN stays.
template <typename Keeps>
void fold(Call& call, Keeps keeps) {
  const Shape shape = common_shape(call);
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
  zip(call, Numbers{}, [&](auto a, auto b) {
    if constexpr (std::is_floating_point_v<decltype(a)>) {
      return a / b;
    } else {
      if (b == 0) call.fail("division of an integer by zero");
      return quotient(a, b);
    }
  });
}

/// The result has the sign of b, or with fmod the sign of a.
void mod(Call& call) {
  const bool truncated = call.int_or("fmod", 0) != 0;
  zip(call, Numbers{}, [&](auto a, auto b) {
    using T = decltype(a);
    T rest{};
    if constexpr (std::is_floating_point_v<T>) {
      rest = std::fmod(a, b);
      if (!truncated && rest == 0) return std::copysign(rest, b);
    } else {
      if (b == 0) call.fail("division of an integer by zero");
      if (std::is_signed_v<T> && b == static_cast<T>(-1)) return T{};
      rest = static_cast<T>(a % b);
    }
    const bool other_sign = rest != 0 && (rest < 0) != (b < 0);
    return !truncated && other_sign ? static_cast<T>(rest + b) : rest;
  });
}

/// Shifts to the right fill up with the sign (operator set 28). What is shifted by all of the bits
/// or more, or by a negative number, is what fills up.
void bit_shift(Call& call) {
  const std::string direction = call.string_or("direction", "");
  const bool left = direction == "LEFT";
  if (!left && direction != "RIGHT") call.fail("attribute 'direction' must be LEFT or RIGHT");
  zip(call, Integers{}, [left](auto a, auto b) {
    using T = decltype(a);
    const bool all = b < 0 || static_cast<uint64_t>(b) >= 8 * sizeof(T);
    if (left) return all ? T{} : static_cast<T>(static_cast<uint64_t>(a) << b);
    return static_cast<T>(all ? (a < 0 ? -1 : 0) : a >> b);
  });
}

void bitwise_and(Call& call) {
  zip(call, Integers{}, [](auto a, auto b) { return a & b; });
}

void bitwise_or(Call& call) {
  zip(call, Integers{}, [](auto a, auto b) { return a | b; });
}

void bitwise_xor(Call& call) {
  zip(call, Integers{}, [](auto a, auto b) { return a ^ b; });
}

/// Slopes for what is below zero. Before operator set 7 they are those of dimension 1.
void prelu(Call& call) {
  zip(call, call.operands(1), Numbers{}, [](auto x, auto slope) {
    if constexpr (std::is_floating_point_v<decltype(x)>) {
      return x < 0 ? x * slope : x;
    } else {
      return x < 0 ? static_cast<uint64_t>(x) * static_cast<uint64_t>(slope)
                   : static_cast<uint64_t>(x);
    }
  });
}

void sum(Call& call) { add_all(call, 1); }
void mean(Call& call) { add_all(call, 1.0 / static_cast<double>(call.input_count())); }

void max(Call& call) {
  fold(call, [](auto a, auto b) { return a >= b; });
}

void min(Call& call) {
  fold(call, [](auto a, auto b) { return a <= b; });
}

/// The result has the base's dtype, and the exponent one of its own from operator set 12 on.
void pow(Call& call) {
  const auto& [base, given, shape] = call.operands({}, false);
  const DType dtype = base.dtype();
  const bool integers = is_among(dtype, Integers{}) && is_among(given.dtype(), Integers{});
  Tensor& y = call.output(0, dtype, shape);
  const Tensor exponent = call.converted(given, integers ? DType::kInt64 : DType::kDouble);
  Walk<2> at(shape,
             {broadcast_strides(base.shape(), shape), broadcast_strides(exponent.shape(), shape)});
  call.dispatch(dtype, Numbers{}, [&, &base = base]<typename T>() {
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
