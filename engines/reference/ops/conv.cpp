// SPDX-License-Identifier: Apache-2.0
#include "ops.h"
#include "product.h"
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

/// What the kernels know of a node.
struct Convolution {
  const Call& call;
  const Tensor& x;
  const Tensor& w;
  int64_t groups;
  Window window;
  Tensor y;                        ///< to be filled; may be empty
  int64_t x_size, w_size, y_size;  ///< elements of one channel

  Walk<1> places() const { return {window.output(), {strides_of(window.output())}}; }
  int64_t maps() const { return w.dim(0); }
  int64_t depth() const { return w.dim(1); }  ///< channels of one group
  template <typename T>
  const T* bias() const {
    return call.has_input(2) ? call.input(2).values<T>() : nullptr;
  }
};

Convolution prepare(Call& call) {
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  const int64_t groups = call.int_or("group", 1);
  check(call, x, w, groups);
  Window window(call, Shape(x.shape().begin() + 2, x.shape().end()),
                Shape(w.shape().begin() + 2, w.shape().end()));
  Shape shape{x.dim(0), w.dim(0)};
  shape.insert(shape.end(), window.output().begin(), window.output().end());
  const Tensor y = call.output(0, x.dtype(), shape);
  return {call,
          x,
          w,
          groups,
          std::move(window),
          y,
          product(x.shape(), 2, x.shape().size()),
          product(w.shape(), 2, w.shape().size()),
          product(shape, 2, shape.size())};
}

/// One column a place: what lies under the window there in the `depth` channels from `x` on, zeros
/// in the padding (K. Chellapilla, S. Puri, P. Simard, 2006). Goes on from where `at` is.
template <typename T>
void fill_patches(Convolution& c, const T* x, Walk<1>& at, Tensor& patches) {
  double* to = patches.values<double>();
  const int64_t columns = patches.dim(1);
  std::fill(to, to + patches.size(), 0.0);
  for (int64_t column = 0; column < columns; ++column, at.next()) {
    for (const Tap& tap : c.window.taps(at.index())) {
      for (int64_t d = 0; d < c.depth(); ++d) {
        to[(d * c.w_size + tap.kernel) * columns + column] = widen(x[d * c.x_size + tap.input]);
      }
    }
  }
}

/// Places that are done at once; their patches are a few MB.
constexpr int64_t kPlaces = 1024;

/// The maps of one group of one image: weights [maps of a group, depth * kernel] times patches.
template <typename T>
void convolve_group(Convolution& c, int64_t n, int64_t group, const Tensor& weights) {
  const int64_t maps = c.maps() / c.groups;
  const T* x = c.x.values<T>() + (n * c.x.dim(1) + group * c.depth()) * c.x_size;
  const T* bias = c.bias<T>();
  Walk<1> at = c.places();
  for (int64_t first = 0; first < c.y_size; first += kPlaces) {
    const int64_t count = std::min(kPlaces, c.y_size - first);
    Tensor patches = c.call.scratch(DType::kDouble, {weights.dim(1), count});
    Tensor sums = c.call.scratch(DType::kDouble, {maps, count});
    fill_patches<T>(c, x, at, patches);
    const double* kernels = weights.values<double>() + group * maps * weights.dim(1);
    multiply_dense(kernels, patches.values<double>(), sums.values<double>(), maps, weights.dim(1),
                   count);
    for (int64_t m = 0; m < maps; ++m) {
      const int64_t map = group * maps + m;
      const double added = bias != nullptr ? widen(bias[map]) : 0.0;
      T* to = c.y.values<T>() + (n * c.maps() + map) * c.y_size + first;
      for (int64_t p = 0; p < count; ++p) {
        to[p] = narrow<T>(sums.values<double>()[m * count + p] + added);
      }
    }
  }
}

}  // namespace

/// x [N, C, D1, ...], w [M, C / group, k1, ...], bias [M] -> y [N, M, E1, ...].
void conv(Call& call) {
  Convolution c = prepare(call);
  if (c.y.size() == 0) return;
  call.dispatch(c.x.dtype(), Floats{}, [&]<typename T>() {
    const T* bias = c.bias<T>();
    for (Walk<1> at = c.places(); at.more(); at.next()) {
      const std::vector<Tap>& taps = c.window.taps(at.index());
      for (int64_t row = 0; row < c.x.dim(0) * c.maps(); ++row) {
        const int64_t n = row / c.maps();
        const int64_t m = row % c.maps();
        double sum = bias != nullptr ? widen(bias[m]) : 0.0;
        for (int64_t d = 0; d < c.depth(); ++d) {
          const int64_t channel = m / (c.maps() / c.groups) * c.depth() + d;
          const T* input = c.x.values<T>() + (n * c.x.dim(1) + channel) * c.x_size;
          const T* kernel = c.w.values<T>() + (m * c.depth() + d) * c.w_size;
          for (const Tap& tap : taps) sum += widen(input[tap.input]) * widen(kernel[tap.kernel]);
        }
        c.y.values<T>()[row * c.y_size + at[0]] = narrow<T>(sum);
      }
    }
  });
}

/// The same as a product of matrices; sums differ by their order alone.
void conv_eigen(Call& call) {
  Convolution c = prepare(call);
  if (c.y.size() == 0) return;
  call.dispatch(c.x.dtype(), Floats{}, [&]<typename T>() {
    Tensor weights = call.scratch(DType::kDouble, {c.maps(), c.depth() * c.w_size});
    std::transform(c.w.values<T>(), c.w.values<T>() + c.w.size(), weights.values<double>(),
                   [](T value) { return widen(value); });
    for (int64_t n = 0; n < c.x.dim(0); ++n) {
      for (int64_t group = 0; group < c.groups; ++group) convolve_group<T>(c, n, group, weights);
    }
  });
}

}  // namespace xpuruntime::reference
