// SPDX-License-Identifier: Apache-2.0
// Normalization of each element of a batch, or of groups of its channels, by statistics of its own.
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// x, scale and bias in double, and where the results go.
struct Layer {
  Tensor x;
  std::optional<Tensor> scale;
  std::optional<Tensor> bias;
  Strides scale_strides, bias_strides;
};

Layer read_layer(const Call& call) {
  const Tensor& x = call.input(0);
  if (!is_among(x.dtype(), Floats{})) call.unsupported(x.dtype());
  Layer layer{call.as(0, DType::kDouble), {}, {}, {}, {}};
  const auto read = [&](size_t i, std::optional<Tensor>& to, Strides& strides) {
    if (!call.has_input(i)) return;
    to = call.as(i, DType::kDouble);
    if (broadcast(to->shape(), x.shape()) != x.shape()) {
      call.fail("scale and bias must broadcast to the input's shape");
    }
    strides = broadcast_strides(to->shape(), x.shape());
  };
  read(1, layer.scale, layer.scale_strides);
  read(2, layer.bias, layer.bias_strides);
  return layer;
}

/// Mean and 1 / deviation of `count` values. Without `centred` the mean is taken as 0.
std::pair<double, double> statistics(const double* values, int64_t count, bool centred,
                                     double epsilon) {
  double sum = 0;
  for (int64_t i = 0; centred && i < count; ++i) sum += values[i];
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) squares += (values[i] - mean) * (values[i] - mean);
  return {mean, 1 / std::sqrt(squares / static_cast<double>(count) + epsilon)};
}

/// Over all dimensions from `axis` on. The mean and 1 / deviation of each are outputs 1 and 2.
void normalize_layer(Call& call, bool centred) {
  const Layer layer = read_layer(call);
  const Shape& shape = layer.x.shape();
  const size_t axis = call.axis(call.int_or("axis", -1), layer.x.rank());
  const double epsilon = call.float_or("epsilon", 1e-5f);
  const auto stash = static_cast<DType>(call.int_or("stash_type", 1));
  if (!is_among(stash, Floats{})) call.fail("attribute 'stash_type' must be a float");
  const int64_t count = product(shape, axis, shape.size());
  Shape kept(shape.begin(), shape.begin() + static_cast<ptrdiff_t>(axis));
  kept.resize(shape.size(), 1);
  Tensor means = call.scratch(DType::kDouble, kept);
  Tensor scales = call.scratch(DType::kDouble, kept);
  for (int64_t i = 0; i < means.size(); ++i) {
    std::tie(means.values<double>()[i], scales.values<double>()[i]) =
        statistics(layer.x.values<double>() + i * count, count, centred, epsilon);
  }
  Tensor& y = call.output(0, call.input(0).dtype(), shape);
  const Strides none(shape.size(), 0);
  call.dispatch(y.dtype(), Floats{}, [&]<typename T>() {
    Walk<3> at(shape, {strides_of(shape), layer.scale ? layer.scale_strides : none,
                       layer.bias ? layer.bias_strides : none});
    for (; at.more(); at.next()) {
      const int64_t line = at[0] / count;
      double value = layer.x.values<double>()[at[0]] - means.values<double>()[line];
      value *= scales.values<double>()[line];
      if (layer.scale) value *= layer.scale->values<double>()[at[1]];
      if (layer.bias) value += layer.bias->values<double>()[at[2]];
      y.values<T>()[at[0]] = narrow<T>(value);
    }
  });
  if (call.has_output(1)) convert(call, means, call.output(1, stash, kept));
  if (call.has_output(2)) convert(call, scales, call.output(2, stash, kept));
}

/// Each of `groups` groups of the channels of x [N, C, ...]. Scale and bias have one value a
/// channel, or a group where there are as many.
void normalize_groups(Call& call, int64_t groups) {
  const Tensor& x = call.input(0);
  if (!is_among(x.dtype(), Floats{})) call.unsupported(x.dtype());
  if (x.rank() < 2) call.fail("the input must be [N, C, ...]");
  const int64_t channels = x.dim(1);
  if (groups < 1 || channels % groups != 0) {
    call.fail("channels do not match in " + std::to_string(groups) + " group(s)");
  }
  const Tensor scale = call.as(1, DType::kDouble);
  const Tensor bias = call.as(2, DType::kDouble);
  const int64_t factors = scale.size();
  if (scale.rank() != 1 || bias.shape() != scale.shape() ||
      (factors != channels && factors != groups)) {
    call.fail("scale and bias must be [" + std::to_string(channels) + "]");
  }
  const double epsilon = call.float_or("epsilon", 1e-5f);
  const Tensor wide = call.as(0, DType::kDouble);
  Tensor& y = call.output(0, x.dtype(), x.shape());
  if (x.size() == 0) return;
  const int64_t space = x.size() / (x.dim(0) * channels);
  const int64_t count = channels / groups * space;
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    for (int64_t start = 0; start < x.size(); start += count) {
      const double* values = wide.values<double>() + start;
      const auto [mean, factor] = statistics(values, count, true, epsilon);
      for (int64_t i = 0; i < count; ++i) {
        const int64_t factor_at = (start + i) / space % channels * factors / channels;
        y.values<T>()[start + i] =
            narrow<T>((values[i] - mean) * factor * scale.values<double>()[factor_at] +
                      bias.values<double>()[factor_at]);
      }
    }
  });
}

}  // namespace

void layer_normalization(Call& call) { normalize_layer(call, true); }
void rms_normalization(Call& call) { normalize_layer(call, false); }

void instance_normalization(Call& call) {
  normalize_groups(call, call.input(0).rank() > 1 ? call.input(0).dim(1) : 1);
}

/// Before operator set 21, scale and bias are those of groups.
void group_normalization(Call& call) { normalize_groups(call, call.int_or("num_groups", 0)); }

}  // namespace xpuruntime::reference
