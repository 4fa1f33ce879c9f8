// SPDX-License-Identifier: Apache-2.0
/// The operators, by family: what each one does is said by the ONNX operator specification; what
/// differs between its versions is said where it is handled.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "call.h"
#include "small.h"

namespace xpuruntime::reference {

using Kernel = void (*)(Call& call);

struct Operator {
  std::string_view name;
  int64_t since;  ///< first operator set that has it, or the first one read here
  size_t min_inputs;
  size_t max_inputs;
  size_t max_outputs;
  Kernel kernel;
};

/// Operator sets of ONNX's own domain that are read.
constexpr int64_t kOldestOpset = 7;
constexpr int64_t kNewestOpset = 28;

/// Every operator there is, by name.
std::span<const Operator> operators();
const Operator* find_operator(std::string_view name);

// elementwise.cpp
void abs(Call& call);
void ceil(Call& call);
void clip(Call& call);
void exp(Call& call);
void floor(Call& call);
void leaky_relu(Call& call);
void log(Call& call);
void neg(Call& call);
void logical_not(Call& call);
void relu(Call& call);
void sigmoid(Call& call);
void sqrt(Call& call);
void tanh(Call& call);

// binary.cpp
void add(Call& call);
void div(Call& call);
void max(Call& call);
void min(Call& call);
void mul(Call& call);
void pow(Call& call);
void sub(Call& call);

// compare.cpp
void equal(Call& call);
void greater(Call& call);
void greater_or_equal(Call& call);
void less(Call& call);
void less_or_equal(Call& call);
void logical_and(Call& call);
void logical_or(Call& call);
void non_zero(Call& call);
void where(Call& call);

// cast.cpp
void cast(Call& call);
void cast_like(Call& call);
/// Fills `to` with the elements of `from` converted; both have the same shape.
void convert(const Call& call, const Tensor& from, Tensor& to, const Rounding& rounding = {});

// constant.cpp
void constant(Call& call);
void constant_of_shape(Call& call);

// shape.cpp
void flatten(Call& call);
void identity(Call& call);
void reshape(Call& call);
void shape(Call& call);
void squeeze(Call& call);
void unsqueeze(Call& call);

// move.cpp
void concat(Call& call);
void expand(Call& call);
void gather(Call& call);
void slice(Call& call);
void transpose(Call& call);

// matmul.cpp
void gemm(Call& call);
void matmul(Call& call);

// conv.cpp
void conv(Call& call);

// pool.cpp
void average_pool(Call& call);
void global_average_pool(Call& call);
void global_max_pool(Call& call);
void max_pool(Call& call);

// normalize.cpp
void batch_normalization(Call& call);
void softmax(Call& call);

// reduce.cpp
void arg_max(Call& call);
void arg_min(Call& call);
void reduce_max(Call& call);
void reduce_mean(Call& call);
void reduce_min(Call& call);
void reduce_sum(Call& call);

}  // namespace xpuruntime::reference
