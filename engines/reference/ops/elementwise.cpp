// SPDX-License-Identifier: Apache-2.0
// Operators from one tensor to another of its shape.
#include <algorithm>
#include <cmath>

#include "map.h"

namespace xpuruntime::reference {
namespace {

/// bool = function(x)
template <typename Function>
void test(Call& call, Function function) {
  const DType dtype = call.input(0).dtype();
  if (!is_among(dtype, Floats{}) && !is_small_float(dtype)) call.unsupported(dtype);
  const Tensor wide = call.as(0, DType::kDouble);
  Tensor& y = call.output(0, DType::kBool, wide.shape());
  for (int64_t i = 0; i < y.size(); ++i) {
    y.values<Bool>()[i] = narrow<Bool>(function(wide.values<double>()[i]));
  }
}

}  // namespace

void abs(Call& call) {
  map(call, Numbers{}, [](auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>) return std::fabs(x);
    return x < 0 ? static_cast<decltype(x)>(uint64_t{0} - static_cast<uint64_t>(x)) : x;
  });
}

void neg(Call& call) {
  map(call, Numbers{}, [](auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>) return -x;
    return static_cast<decltype(x)>(uint64_t{0} - static_cast<uint64_t>(x));
  });
}

void ceil(Call& call) {
  map(call, Floats{}, [](double x) { return std::ceil(x); });
}

void floor(Call& call) {
  map(call, Floats{}, [](double x) { return std::floor(x); });
}

void exp(Call& call) {
  map(call, Floats{}, [](double x) { return std::exp(x); });
}

void log(Call& call) {
  map(call, Floats{}, [](double x) { return std::log(x); });
}

void sqrt(Call& call) {
  map(call, Floats{}, [](double x) { return std::sqrt(x); });
}

void tanh(Call& call) {
  map(call, Floats{}, [](double x) { return std::tanh(x); });
}

void sin(Call& call) {
  map(call, Floats{}, [](double x) { return std::sin(x); });
}

void cos(Call& call) {
  map(call, Floats{}, [](double x) { return std::cos(x); });
}

void tan(Call& call) {
  map(call, Floats{}, [](double x) { return std::tan(x); });
}

void asin(Call& call) {
  map(call, Floats{}, [](double x) { return std::asin(x); });
}

void acos(Call& call) {
  map(call, Floats{}, [](double x) { return std::acos(x); });
}

void atan(Call& call) {
  map(call, Floats{}, [](double x) { return std::atan(x); });
}

void sinh(Call& call) {
  map(call, Floats{}, [](double x) { return std::sinh(x); });
}

void cosh(Call& call) {
  map(call, Floats{}, [](double x) { return std::cosh(x); });
}

void asinh(Call& call) {
  map(call, Floats{}, [](double x) { return std::asinh(x); });
}

void acosh(Call& call) {
  map(call, Floats{}, [](double x) { return std::acosh(x); });
}

void atanh(Call& call) {
  map(call, Floats{}, [](double x) { return std::atanh(x); });
}

void erf(Call& call) {
  map(call, Floats{}, [](double x) { return std::erf(x); });
}

void reciprocal(Call& call) {
  map(call, Floats{}, [](double x) { return 1 / x; });
}

/// Halves go to the even number.
void round(Call& call) {
  map(call, Floats{}, [](double x) { return std::nearbyint(x); });
}

void sign(Call& call) {
  map(call, Numbers{}, [](auto x) {
    if constexpr (std::is_unsigned_v<decltype(x)>) return static_cast<decltype(x)>(x != 0);
    return static_cast<decltype(x)>(x > 0 ? 1 : x < 0 ? -1 : x);
  });
}

void bitwise_not(Call& call) {
  map(call, Integers{}, [](auto x) { return ~x; });
}

void is_nan(Call& call) {
  test(call, [](double x) { return std::isnan(x); });
}

void is_inf(Call& call) {
  const bool negative = call.int_or("detect_negative", 1) != 0;
  const bool positive = call.int_or("detect_positive", 1) != 0;
  test(call, [=](double x) { return std::isinf(x) && (x < 0 ? negative : positive); });
}

void logical_not(Call& call) {
  map(call, Types<Bool>{}, [](bool x) { return !x; });
}

/// The bounds are attributes before operator set 11 and scalar inputs from there on. Where min is
/// above max, all becomes max.
void clip(Call& call) {
  const Tensor& x = call.input(0);
  const auto bound = [&]<typename T>(size_t i, const char* name, Wide<T> otherwise) -> Wide<T> {
    if (call.opset() < 11) {
      const bool given = call.node().attribute(name) != nullptr;
      return given ? narrow<Wide<T>>(call.float_or(name, 0)) : otherwise;
    }
    if (!call.has_input(i)) return otherwise;
    const Tensor& scalar = call.input(i);
    if (scalar.size() != 1 || scalar.dtype() != x.dtype()) {
      call.fail(std::string(name) + " must be one value of the input's dtype");
    }
    return widen(*scalar.values<T>());
  };
  Tensor& y = call.output(0, x.dtype(), x.shape());
  call.dispatch(x.dtype(), Numbers{}, [&]<typename T>() {
    const Wide<T> low = bound.template operator()<T>(1, "min", lowest<T>());
    const Wide<T> high = bound.template operator()<T>(2, "max", greatest<T>());
    for (int64_t i = 0; i < x.size(); ++i) {
      const Wide<T> value = widen(x.values<T>()[i]);
      y.values<T>()[i] = narrow<T>(std::min(std::max(value, low), high));
    }
  });
}

}  // namespace xpuruntime::reference
