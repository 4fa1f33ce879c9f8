// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

constexpr size_t kAny = 1u << 30;

// Name, since, least and most inputs, most outputs. Sorted by name.
constexpr Operator kOperators[] = {
    {"Abs", 7, 1, 1, 1, abs},
    {"Add", 7, 2, 2, 1, add},
    {"And", 7, 2, 2, 1, logical_and},
    {"ArgMax", 7, 1, 1, 1, arg_max},
    {"ArgMin", 7, 1, 1, 1, arg_min},
    {"AveragePool", 7, 1, 1, 1, average_pool},
    {"BatchNormalization", 7, 5, 5, 5, batch_normalization},
    {"Cast", 7, 1, 1, 1, cast},
    {"CastLike", 15, 2, 2, 1, cast_like},
    {"Ceil", 7, 1, 1, 1, ceil},
    {"Clip", 7, 1, 3, 1, clip},
    {"Concat", 7, 1, kAny, 1, concat},
    {"Constant", 7, 0, 0, 1, constant},
    {"ConstantOfShape", 9, 1, 1, 1, constant_of_shape},
    {"Conv", 7, 2, 3, 1, conv},
    {"Div", 7, 2, 2, 1, div},
    {"Equal", 7, 2, 2, 1, equal},
    {"Exp", 7, 1, 1, 1, exp},
    {"Expand", 8, 2, 2, 1, expand},
    {"Flatten", 7, 1, 1, 1, flatten},
    {"Floor", 7, 1, 1, 1, floor},
    {"Gather", 7, 2, 2, 1, gather},
    {"Gemm", 7, 2, 3, 1, gemm},
    {"GlobalAveragePool", 7, 1, 1, 1, global_average_pool},
    {"GlobalMaxPool", 7, 1, 1, 1, global_max_pool},
    {"Greater", 7, 2, 2, 1, greater},
    {"GreaterOrEqual", 12, 2, 2, 1, greater_or_equal},
    {"Identity", 7, 1, 1, 1, identity},
    {"LeakyRelu", 7, 1, 1, 1, leaky_relu},
    {"Less", 7, 2, 2, 1, less},
    {"LessOrEqual", 12, 2, 2, 1, less_or_equal},
    {"Log", 7, 1, 1, 1, log},
    {"MatMul", 7, 2, 2, 1, matmul},
    {"Max", 7, 1, kAny, 1, max},
    {"MaxPool", 7, 1, 1, 2, max_pool},
    {"Min", 7, 1, kAny, 1, min},
    {"Mul", 7, 2, 2, 1, mul},
    {"Neg", 7, 1, 1, 1, neg},
    {"NonZero", 9, 1, 1, 1, non_zero},
    {"Not", 7, 1, 1, 1, logical_not},
    {"Or", 7, 2, 2, 1, logical_or},
    {"Pow", 7, 2, 2, 1, pow},
    {"ReduceMax", 7, 1, 2, 1, reduce_max},
    {"ReduceMean", 7, 1, 2, 1, reduce_mean},
    {"ReduceMin", 7, 1, 2, 1, reduce_min},
    {"ReduceSum", 7, 1, 2, 1, reduce_sum},
    {"Relu", 7, 1, 1, 1, relu},
    {"Reshape", 7, 2, 2, 1, reshape},
    {"Shape", 7, 1, 1, 1, shape},
    {"Sigmoid", 7, 1, 1, 1, sigmoid},
    {"Slice", 7, 1, 5, 1, slice},
    {"Softmax", 7, 1, 1, 1, softmax},
    {"Sqrt", 7, 1, 1, 1, sqrt},
    {"Squeeze", 7, 1, 2, 1, squeeze},
    {"Sub", 7, 2, 2, 1, sub},
    {"Tanh", 7, 1, 1, 1, tanh},
    {"Transpose", 7, 1, 1, 1, transpose},
    {"Unsqueeze", 7, 1, 2, 1, unsqueeze},
    {"Where", 9, 3, 3, 1, where},
};

}  // namespace

std::span<const Operator> operators() { return kOperators; }

const Operator* find_operator(std::string_view name) {
  const auto* found =
      std::ranges::find(kOperators, name, [](const Operator& entry) { return entry.name; });
  return found != std::end(kOperators) ? found : nullptr;
}

}  // namespace xpuruntime::reference
