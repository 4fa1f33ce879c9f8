// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops.h"
#include "window.h"

namespace xpuruntime::reference {
namespace {

/// Where each element of the input goes: place * strides + kernel place * dilations - pads.
struct Spread {
  Shape input, kernel, strides, dilations, pads, output;

  /// The flat place in the output, -1 outside of it.
  int64_t target(const Shape& place, const Shape& kernel_place) const {
    int64_t flat = 0;
    for (size_t d = 0; d < output.size(); ++d) {
      const int64_t at = place[d] * strides[d] + kernel_place[d] * dilations[d] - pads[d];
      if (at < 0 || at >= output[d]) return -1;
      flat = flat * output[d] + at;
    }
    return flat;
  }
};

/// The output's dimensions are given, or follow from the pads.
Spread read_spread(const Call& call, const Tensor& x, const Tensor& w) {
  constexpr int64_t kMost = int64_t{1} << 30;  // far from overflow
  Spread spread;
  spread.input.assign(x.shape().begin() + 2, x.shape().end());
  spread.kernel.assign(w.shape().begin() + 2, w.shape().end());
  const size_t rank = spread.input.size();
  if (call.ints("kernel_shape").value_or(spread.kernel) != spread.kernel) {
    call.fail("attribute 'kernel_shape' is not the weights' shape");
  }
  spread.strides = read_list(call, "strides", rank, 1, 1);
  spread.dilations = read_list(call, "dilations", rank, 1, 1);
  const Shape extra = read_list(call, "output_padding", rank, 0, 0);
  const Shape pads = read_list(call, "pads", 2 * rank, 0, 0);
  const bool is_given = call.node().attribute("output_shape") != nullptr;
  const Shape given = read_list(call, "output_shape", rank, 0, 0);
  const std::string mode = call.string_or("auto_pad", "NOTSET");
  const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  if (!same && mode != "NOTSET" && mode != "VALID") call.fail("auto_pad '" + mode + "' is unknown");
  for (size_t d = 0; d < rank; ++d) {
    if (std::max(spread.input[d], spread.kernel[d]) > kMost) call.fail("the input is too large");
    const int64_t whole = spread.strides[d] * (spread.input[d] - 1) + extra[d] +
                          (spread.kernel[d] - 1) * spread.dilations[d] + 1;
    if (!is_given && !same) {
      const bool padded = mode == "NOTSET";
      spread.pads.push_back(padded ? pads[d] : 0);
      spread.output.push_back(whole - (padded ? pads[d] + pads[d + rank] : 0));
      continue;
    }
    spread.output.push_back(is_given ? given[d] : spread.input[d] * spread.strides[d]);
    const int64_t total = std::max(int64_t{0}, whole - spread.output[d]);
    spread.pads.push_back(mode == "SAME_UPPER" ? total / 2 : total - total / 2);
  }
  return spread;
}

}  // namespace

/// x [N, C, D1, ...], w [C, M / group, k1, ...], bias [M] -> y [N, M, E1, ...].
void conv_transpose(Call& call) {
  const Tensor& x = call.input(0);
  const Tensor& w = call.input(1);
  const int64_t groups = call.int_or("group", 1);
  if (x.rank() < 3 || w.rank() != x.rank()) {
    call.fail("input and weights must be [N, C, D1, ...] and [C, M / group, k1, ...]");
  }
  if (w.dtype() != x.dtype()) call.fail("the inputs' dtypes differ");
  if (groups < 1 || x.dim(1) % groups != 0 || w.dim(0) != x.dim(1)) {
    call.fail("channels do not match in " + std::to_string(groups) + " group(s)");
  }
  const Spread spread = read_spread(call, x, w);
  int64_t maps = 0;
  if (__builtin_mul_overflow(w.dim(1), groups, &maps)) call.fail("too many groups");
  if (call.has_input(2) &&
      (call.input(2).shape() != Shape{maps} || call.input(2).dtype() != x.dtype())) {
    call.fail("the bias must be [" + std::to_string(maps) + "]");
  }
  Shape shape{x.dim(0), maps};
  shape.insert(shape.end(), spread.output.begin(), spread.output.end());
  Tensor& y = call.output(0, x.dtype(), shape);
  if (y.size() == 0) return;
  const int64_t depth = x.dim(1) / groups;
  const int64_t x_size = product(spread.input, 0, spread.input.size());
  const int64_t w_size = product(spread.kernel, 0, spread.kernel.size());
  const int64_t y_size = product(spread.output, 0, spread.output.size());
  Tensor sums = call.scratch(DType::kDouble, shape);
  double* const to = sums.values<double>();
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    const T* bias = call.has_input(2) ? call.input(2).values<T>() : nullptr;
    for (int64_t i = 0; i < sums.size(); ++i) {
      to[i] = bias != nullptr ? widen(bias[i / y_size % maps]) : 0.0;
    }
    for (Walk<1> at(spread.input, {strides_of(spread.input)}); at.more(); at.next()) {
      for (Walk<1> k(spread.kernel, {strides_of(spread.kernel)}); k.more(); k.next()) {
        const int64_t target = spread.target(at.index(), k.index());
        if (target < 0) continue;
        for (int64_t row = 0; row < x.dim(0) * maps; ++row) {
          const int64_t map = row % maps % w.dim(1);
          const int64_t group = row % maps / w.dim(1);
          for (int64_t c = group * depth; c < (group + 1) * depth; ++c) {
            const T input = x.values<T>()[(row / maps * x.dim(1) + c) * x_size + at[0]];
            const T weight = w.values<T>()[(c * w.dim(1) + map) * w_size + k[0]];
            to[row * y_size + target] += widen(input) * widen(weight);
          }
        }
      }
    }
  });
  convert(call, sums, y);
}

}  // namespace xpuruntime::reference
