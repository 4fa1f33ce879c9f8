// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// x [N, C, D1, ...], for which `labels` [N, D1, ...] name a class each: -weight * x there, with
/// those of ignore_index left out; as they are, summed, or their mean by weight.
void output_loss(Call& call, const Tensor& x) {
  const Tensor labels = call.as(1, DType::kInt64);
  if (x.rank() < 2) call.fail("the input must be [N, C, D1, ...]");
  Shape alike = x.shape();
  alike.erase(alike.begin() + 1);
  const int64_t classes = x.dim(1);
  if (labels.shape() != alike) call.fail("the labels must be " + onnx::shape_text(alike));
  const std::string reduction = call.string_or("reduction", "mean");
  if (reduction != "mean" && reduction != "sum" && reduction != "none") {
    call.fail("reduction '" + reduction + "' is unknown");
  }
  std::optional<Tensor> weights;
  if (call.has_input(2)) weights = call.as(2, DType::kDouble);
  if (weights && weights->shape() != Shape{classes}) {
    call.fail("the weights must be [" + std::to_string(classes) + "]");
  }
  const bool ignores = call.node().attribute("ignore_index") != nullptr;
  const int64_t ignored = call.int_or("ignore_index", 0);
  const int64_t inner = product(x.shape(), 2, x.shape().size());
  Tensor losses = call.scratch(DType::kDouble, alike);
  double sum = 0;
  double weight_sum = 0;
  for (int64_t i = 0; i < labels.size(); ++i) {
    const int64_t label = labels.values<int64_t>()[i];
    losses.values<double>()[i] = 0;
    if (ignores && label == ignored) continue;
    if (label < 0 || label >= classes) call.fail("label " + std::to_string(label) + " is no class");
    const double weight = weights ? weights->values<double>()[label] : 1;
    const int64_t at = (i / inner * classes + label) * inner + i % inner;
    losses.values<double>()[i] = -weight * x.values<double>()[at];
    sum += losses.values<double>()[i];
    weight_sum += weight;
  }
  if (reduction == "mean") sum /= weight_sum;
  if (reduction != "none") losses = Tensor(DType::kDouble, {}, &sum);
  convert(call, losses, call.output(0, call.input(0).dtype(), losses.shape()));
}

}  // namespace

/// The input has logarithms of probabilities.
void negative_log_likelihood_loss(Call& call) {
  if (!is_among(call.input(0).dtype(), Floats{})) call.unsupported(call.input(0).dtype());
  output_loss(call, call.as(0, DType::kDouble));
}

/// The same of the logarithm of a softmax over dimension 1, which is output 1.
void softmax_cross_entropy_loss(Call& call) {
  if (!is_among(call.input(0).dtype(), Floats{})) call.unsupported(call.input(0).dtype());
  Tensor x = call.own(0, DType::kDouble);
  if (x.rank() < 2) call.fail("the input must be [N, C, D1, ...]");
  const int64_t classes = x.dim(1);
  const int64_t inner = product(x.shape(), 2, x.shape().size());
  for (int64_t line = 0; line < (classes > 0 ? x.size() / classes : 0); ++line) {
    double* first = x.values<double>() + line / inner * classes * inner + line % inner;
    double most = *first;
    for (int64_t c = 1; c < classes; ++c) most = std::max(most, first[c * inner]);
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(first[c * inner] - most);
    for (int64_t c = 0; c < classes; ++c) first[c * inner] -= most + std::log(sum);
  }
  output_loss(call, x);
  if (call.has_output(1)) {
    convert(call, x, call.output(1, call.input(0).dtype(), x.shape()));
  }
}

}  // namespace xpuruntime::reference
