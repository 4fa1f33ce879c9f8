// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

/// An element agrees when |actual - reference| <= absolute + relative * |reference|, when both are
/// NaN, or when both are the same infinity.
struct Tolerance {
  double relative = 1e-5;
  double absolute = 1e-6;
};

/// How far one tensor is from another. Errors are over the elements that are finite in both.
struct Agreement {
  int64_t elements = 0;
  int64_t disagreeing = 0;  ///< elements outside the tolerance
  double max_absolute_error = 0;
  double mean_absolute_error = 0;
  double max_relative_error = 0;  ///< |actual - reference| / |reference|, where that is not 0
  double mean_relative_error = 0;
  int64_t rows = 0;              ///< along the last dimension
  int64_t rows_same_argmax = 0;  ///< the first of equal maxima counts, NaN never
  int64_t actual_nan = 0;
  int64_t actual_infinite = 0;
  int64_t reference_nan = 0;
  int64_t reference_infinite = 0;

  bool agrees() const { return disagreeing == 0; }
};

/// Compares element by element; 64-bit integers exactly.
/// Throws InvalidArgumentError when dtype or shape differ, or a tolerance is negative or NaN.
Agreement measure_agreement(const Tensor& actual, const Tensor& reference,
                            const Tolerance& tolerance = {});

}  // namespace xpuruntime::toolkit
