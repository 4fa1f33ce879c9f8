// SPDX-License-Identifier: Apache-2.0
// Operators from one tensor to another of its shape.
#include <algorithm>
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// y = function(x), in double for floats and in the type itself for integers.
template <typename TypeList, typename Function>
void map(Call& call, TypeList types, Function function) {
  const Tensor& x = call.input(0);
  Tensor& y = call.output(0, x.dtype(), x.shape());
  call.dispatch(x.dtype(), types, [&]<typename T>() {
    const T* from = x.values<T>();
    T* to = y.values<T>();
    for (int64_t i = 0; i < x.size(); ++i) to[i] = narrow<T>(function(widen(from[i])));
  });
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

void relu(Call& call) {
  map(call, Numbers{}, [](auto x) { return x < 0 ? decltype(x){} : x; });
}

void leaky_relu(Call& call) {
  const double alpha = call.float_or("alpha", 0.01f);
  map(call, Floats{}, [alpha](double x) { return x < 0 ? alpha * x : x; });
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

void sigmoid(Call& call) {
  map(call, Floats{}, [](double x) { return 1.0 / (1.0 + std::exp(-x)); });
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
