// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// Mean and population variance of channel `c` over batch and space, for training mode.
template <typename T>
std::pair<double, double> moments(const Tensor& x, int64_t c, int64_t channels, int64_t size) {
  const int64_t blocks = x.size() / (channels * size);
  const auto each = [&](auto body) {
    for (int64_t n = 0; n < blocks; ++n) {
      const T* first = x.values<T>() + (n * channels + c) * size;
      for (int64_t i = 0; i < size; ++i) body(widen(first[i]));
    }
  };
  const auto count = static_cast<double>(blocks * size);
  double sum = 0;
  each([&](double value) { sum += value; });
  const double mean = sum / count;
  double squares = 0;
  each([&](double value) { squares += (value - mean) * (value - mean); });
  return {mean, squares / count};
}

/// Statistics that training mode moves and hands out as outputs 1 and 2.
void output_statistics(Call& call, Tensor mean, Tensor variance) {
  const Tensor statistics[] = {std::move(mean), std::move(variance)};
  for (size_t i = 0; i < 2; ++i) {
    if (!call.has_output(i + 1)) continue;
    const Tensor& given = call.input(i + 3);
    convert(call, statistics[i], call.output(i + 1, given.dtype(), given.shape()));
  }
}

}  // namespace

/// y = (x - mean) / sqrt(variance + epsilon) * scale + bias, for each channel of x [N, C, ...].
/// training_mode (operator set 14) takes the statistics of x itself and moves the given ones.
void batch_normalization(Call& call) {
  const Tensor& x = call.input(0);
  if (call.opset() < 9 && call.int_or("spatial", 1) != 1) call.unsupported("spatial is 0");
  if (call.opset() < 7 && call.int_or("is_test", 0) == 0) call.unsupported("is_test is 0");
  const bool training = call.opset() >= 14 && call.int_or("training_mode", 0) != 0;
  if (x.rank() < 1) call.fail("the input must be [N, C, ...]");
  if (!training && (call.has_output(1) || call.has_output(2))) {
    call.unsupported("statistics are outputs in training mode only");
  }
  const int64_t channels = x.rank() > 1 ? x.dim(1) : 1;
  for (size_t i = 1; i < 5; ++i) {
    if (call.input(i).shape() != Shape{channels}) {
      call.fail("scale, bias, mean and variance must be [" + std::to_string(channels) + "]");
    }
  }
  const Tensor scale = call.as(1, DType::kDouble);
  const Tensor bias = call.as(2, DType::kDouble);
  Tensor mean = call.own(3, DType::kDouble);
  Tensor variance = call.own(4, DType::kDouble);
  const double epsilon = call.float_or("epsilon", 1e-5f);
  const double momentum = call.float_or("momentum", 0.9f);
  const int64_t size = product(x.shape(), std::min<size_t>(2, x.shape().size()), x.shape().size());
  Tensor& y = call.output(0, x.dtype(), x.shape());
  call.dispatch(x.dtype(), Floats{}, [&]<typename T>() {
    for (int64_t c = 0; c < channels && x.size() > 0; ++c) {
      double& running_mean = mean.values<double>()[c];
      double& running_variance = variance.values<double>()[c];
      std::pair<double, double> used{running_mean, running_variance};
      if (training) {
        used = moments<T>(x, c, channels, size);
        running_mean = running_mean * momentum + used.first * (1 - momentum);
        running_variance = running_variance * momentum + used.second * (1 - momentum);
      }
      const double factor = scale.values<double>()[c] / std::sqrt(used.second + epsilon);
      const double shift = bias.values<double>()[c];
      for (int64_t n = 0; n < x.size() / (channels * size); ++n) {
        for (int64_t i = (n * channels + c) * size, end = i + size; i < end; ++i) {
          const double centred = widen(x.values<T>()[i]) - used.first;
          y.values<T>()[i] = narrow<T>(centred * factor + shift);
        }
      }
    }
  });
  if (training) output_statistics(call, std::move(mean), std::move(variance));
}

}  // namespace xpuruntime::reference
