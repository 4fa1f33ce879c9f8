// SPDX-License-Identifier: Apache-2.0
/// The operators, by family: what each one does is said by the ONNX operator specification; what
/// differs between its versions is said where it is handled.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "call.h"
#include "onnx/small_types.h"

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
constexpr int64_t kOldestOpset = 1;
constexpr int64_t kNewestOpset = 28;

/// Every operator there is, by name.
std::span<const Operator> operators();
const Operator* find_operator(std::string_view name);

// elementwise.cpp
void abs(Call& call);
void acos(Call& call);
void acosh(Call& call);
void asin(Call& call);
void asinh(Call& call);
void atan(Call& call);
void atanh(Call& call);
void bitwise_not(Call& call);
void ceil(Call& call);
void clip(Call& call);
void cos(Call& call);
void cosh(Call& call);
void erf(Call& call);
void exp(Call& call);
void floor(Call& call);
void is_inf(Call& call);
void is_nan(Call& call);
void log(Call& call);
void logical_not(Call& call);
void neg(Call& call);
void reciprocal(Call& call);
void round(Call& call);
void sign(Call& call);
void sin(Call& call);
void sinh(Call& call);
void sqrt(Call& call);
void tan(Call& call);
void tanh(Call& call);

// binary.cpp
void add(Call& call);
void bit_shift(Call& call);
void bitwise_and(Call& call);
void bitwise_or(Call& call);
void bitwise_xor(Call& call);
void div(Call& call);
void max(Call& call);
void mean(Call& call);
void min(Call& call);
void mod(Call& call);
void mul(Call& call);
void pow(Call& call);
void prelu(Call& call);
void sub(Call& call);
void sum(Call& call);

// compare.cpp
void equal(Call& call);
void greater(Call& call);
void greater_or_equal(Call& call);
void less(Call& call);
void less_or_equal(Call& call);
void logical_and(Call& call);
void logical_or(Call& call);
void logical_xor(Call& call);
void non_zero(Call& call);
void where(Call& call);

// cast.cpp
void cast(Call& call);
void cast_like(Call& call);
/// Fills `to` with the elements of `from` converted; both have the same shape.
void convert(const Call& call, const Tensor& from, Tensor& to, const onnx::Rounding& rounding = {});

// constant.cpp
void constant(Call& call);
void constant_of_shape(Call& call);
void range(Call& call);

// shape.cpp
void dropout(Call& call);
void flatten(Call& call);
void identity(Call& call);
void reshape(Call& call);
void shape(Call& call);
void size(Call& call);
void squeeze(Call& call);
void unsqueeze(Call& call);

// move.cpp
void concat(Call& call);
void depth_to_space(Call& call);
void expand(Call& call);
void gather(Call& call);
void slice(Call& call);
void space_to_depth(Call& call);
void split(Call& call);
void tile(Call& call);
void transpose(Call& call);
void trilu(Call& call);

// matmul.cpp
void gemm(Call& call);
void gemm_eigen(Call& call);
void matmul(Call& call);
void matmul_eigen(Call& call);

// conv.cpp
void conv(Call& call);
void conv_eigen(Call& call);

// pool.cpp
void average_pool(Call& call);
void global_average_pool(Call& call);
void global_max_pool(Call& call);
void max_pool(Call& call);

// normalize.cpp
void batch_normalization(Call& call);

// reduce.cpp
void arg_max(Call& call);
void arg_min(Call& call);
void reduce_l1(Call& call);
void reduce_l2(Call& call);
void reduce_log_sum(Call& call);
void reduce_log_sum_exp(Call& call);
void reduce_max(Call& call);
void reduce_mean(Call& call);
void reduce_min(Call& call);
void reduce_prod(Call& call);
void reduce_sum(Call& call);
void reduce_sum_square(Call& call);

// activation.cpp
void leaky_relu(Call& call);
void relu(Call& call);
void sigmoid(Call& call);
void celu(Call& call);
void elu(Call& call);
void gelu(Call& call);
void hard_sigmoid(Call& call);
void hard_swish(Call& call);
void mish(Call& call);
void selu(Call& call);
void shrink(Call& call);
void softplus(Call& call);
void softsign(Call& call);
void swish(Call& call);
void thresholded_relu(Call& call);

// cumulate.cpp
void cum_prod(Call& call);
void cum_sum(Call& call);

// softmax.cpp
void hardmax(Call& call);
void log_softmax(Call& call);
void softmax(Call& call);

// normalize_layer.cpp
void group_normalization(Call& call);
void instance_normalization(Call& call);
void layer_normalization(Call& call);
void rms_normalization(Call& call);

// pad.cpp
void pad(Call& call);

// index.cpp
void compress(Call& call);
void gather_elements(Call& call);
void gather_nd(Call& call);
void one_hot(Call& call);
void scatter_elements(Call& call);
void scatter_nd(Call& call);

// top_k.cpp
void top_k(Call& call);

// loss.cpp
void negative_log_likelihood_loss(Call& call);
void softmax_cross_entropy_loss(Call& call);

// quantize.cpp
void dequantize_linear(Call& call);
void dynamic_quantize_linear(Call& call);
void quantize_linear(Call& call);

// conv_transpose.cpp
void conv_transpose(Call& call);

// resize.cpp
void resize(Call& call);

// einsum.cpp
void einsum(Call& call);

}  // namespace xpuruntime::reference
