// SPDX-License-Identifier: Apache-2.0
#include "ops.h"
#include "window.h"

namespace xpuruntime::reference {
namespace {

void check(const Call& call, const Tensor& x, const Tensor& w, int64_t groups) {
  if (x.rank() < 3 || w.rank() != x.rank()) {
    call.fail("input and weights must be [N, C, D1, ...] and [M, C / group, k1, ...]");
  }
  if (w.dtype() != x.dtype()) call.fail("the inputs' dtypes differ");
  if (groups < 1 || w.dim(0) % groups != 0 || x.dim(1) % groups != 0 ||
      x.dim(1) / groups != w.dim(1)) {
    call.fail("channels do not match in " + std::to_string(groups) + " group(s)");
  }
  const auto declared = call.ints("kernel_shape");
  if (declared && *declared != Shape(w.shape().begin() + 2, w.shape().end())) {
    call.fail("attribute 'kernel_shape' is not the weights' shape");
  }
  if (call.has_input(2) &&
      (call.input(2).shape() != Shape{w.dim(0)} || call.input(2).dtype() != x.dtype())) {
    call.fail("the bias must be [" + std::to_string(w.dim(0)) + "]");
  }
}

}  // namespace

/// x [N, C, D1, ...], w [M, C / group, k1, ...], bias [M] -> y [N, M, E1, ...].
void conv(Call& call) {
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  const int64_t groups = call.int_or("group", 1);
  check(call, x, w, groups);
  Window window(call, Shape(x.shape().begin() + 2, x.shape().end()),
                Shape(w.shape().begin() + 2, w.shape().end()));
  Shape shape{x.dim(0), w.dim(0)};
  shape.insert(shape.end(), window.output().begin(), window.output().end());
  Tensor& y = call.output(0, x.dtype(), shape);
  if (y.size() == 0) return;
  const int64_t maps = w.dim(0);
  const int64_t depth = w.dim(1);  // channels of one group
  const int64_t x_size = product(x.shape(), 2, x.shape().size());
  const int64_t w_size = product(w.shape(), 2, w.shape().size());
  const int64_t y_size = product(shape, 2, shape.size());
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    const T* bias = call.has_input(2) ? call.input(2).values<T>() : nullptr;
    for (Walk<1> at(window.output(), {strides_of(window.output())}); at.more(); at.next()) {
      const std::vector<Tap>& taps = window.taps(at.index());
      for (int64_t row = 0; row < x.dim(0) * maps; ++row) {
        const int64_t n = row / maps;
        const int64_t m = row % maps;
        double sum = bias != nullptr ? widen(bias[m]) : 0.0;
        for (int64_t c = 0; c < depth; ++c) {
          const int64_t channel = m / (maps / groups) * depth + c;
          const T* input = x.values<T>() + (n * x.dim(1) + channel) * x_size;
          const T* kernel = w.values<T>() + (m * depth + c) * w_size;
          for (const Tap& tap : taps) sum += widen(input[tap.input]) * widen(kernel[tap.kernel]);
        }
        y.values<T>()[row * y_size + at[0]] = narrow<T>(sum);
      }
    }
  });
}

}  // namespace xpuruntime::reference
