// SPDX-License-Identifier: Apache-2.0
// What neural networks bend values with, from one tensor to another of its shape.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "map.h"

namespace xpuruntime::reference {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// log(1 + exp(x)), also where exp(x) is infinite.
double soft_plus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

}  // namespace

void relu(Call& call) {
  map(call, Numbers{}, [](auto x) { return x < 0 ? decltype(x){} : x; });
}

void leaky_relu(Call& call) {
  const double alpha = call.float_or("alpha", 0.01f);
  map(call, Floats{}, [alpha](double x) { return x < 0 ? alpha * x : x; });
}

void sigmoid(Call& call) { map(call, Floats{}, logistic); }

void hard_sigmoid(Call& call) {
  const double alpha = call.float_or("alpha", 0.2f);
  const double beta = call.float_or("beta", 0.5f);
  map(call, Floats{}, [=](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); });
}

void hard_swish(Call& call) {
  map(call, Floats{}, [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}

void elu(Call& call) {
  const double alpha = call.float_or("alpha", 1);
  map(call, Floats{}, [alpha](double x) { return x < 0 ? alpha * std::expm1(x) : x; });
}

void celu(Call& call) {
  const double alpha = call.float_or("alpha", 1);
  map(call, Floats{}, [alpha](double x) { return x < 0 ? alpha * std::expm1(x / alpha) : x; });
}

void selu(Call& call) {
  const double alpha = call.float_or("alpha", 1.67326319217681884765625f);
  const double gamma = call.float_or("gamma", 1.05070102214813232421875f);
  map(call, Floats{}, [=](double x) { return gamma * (x > 0 ? x : alpha * std::expm1(x)); });
}

/// By the error function, or by its usual approximation with tanh.
void gelu(Call& call) {
  const std::string approximate = call.string_or("approximate", "none");
  if (approximate != "none" && approximate != "tanh") {
    call.fail("attribute 'approximate' must be none or tanh");
  }
  const double scale = std::sqrt(2 / std::numbers::pi);
  const bool by_tanh = approximate == "tanh";
  map(call, Floats{}, [=](double x) {
    return 0.5 * x *
           (1 + (by_tanh ? std::tanh(scale * (x + 0.044715 * x * x * x))
                         : std::erf(x / std::numbers::sqrt2)));
  });
}

void mish(Call& call) {
  map(call, Floats{}, [](double x) { return x * std::tanh(soft_plus(x)); });
}

void swish(Call& call) {
  const double alpha = call.float_or("alpha", 1);
  map(call, Floats{}, [alpha](double x) { return x * logistic(alpha * x); });
}

void softplus(Call& call) { map(call, Floats{}, soft_plus); }

void softsign(Call& call) {
  map(call, Floats{}, [](double x) { return x / (1 + std::fabs(x)); });
}

void thresholded_relu(Call& call) {
  const double alpha = call.float_or("alpha", 1);
  map(call, Floats{}, [alpha](double x) { return x > alpha ? x : 0.0; });
}

void shrink(Call& call) {
  const double lambd = call.float_or("lambd", 0.5f);
  const double bias = call.float_or("bias", 0);
  map(call, Numbers{}, [=](auto given) {
    const auto x = static_cast<double>(given);
    return float_to<decltype(given)>(x < -lambd ? x + bias : x > lambd ? x - bias : 0.0);
  });
}

}  // namespace xpuruntime::reference
