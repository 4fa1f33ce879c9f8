// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/export.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

/// An element agrees when |actual - reference| <= absolute + relative * |reference|, when both are
/// NaN, or when both are the same infinity. Integers, bools and strings have to be equal, whatever
/// the tolerance.
struct Tolerance {
  double relative = 1e-3;
  double absolute = 1e-5;
  bool bitwise = false;  ///< the very bits, of zeros and NaN too; the figures count for nothing

  bool operator==(const Tolerance&) const = default;
};

inline constexpr Tolerance kExact{.relative = 0, .absolute = 0, .bitwise = true};
inline constexpr Tolerance kStrict{.relative = 1e-3, .absolute = 1e-5};
inline constexpr Tolerance kRelaxed{.relative = 1e-2, .absolute = 1e-3};

/// "exact", "strict" or "relaxed". Throws InvalidArgumentError for another name.
XPURT_API Tolerance tolerance_of_policy(std::string_view policy);
/// Throws InvalidArgumentError when a figure is negative or NaN.
XPURT_API void check_tolerance(const Tolerance& tolerance);
/// "exact (bitwise)", "strict (rtol 0.001, atol 1e-05)", "rtol 0.5, atol 0".
XPURT_API std::string to_string(const Tolerance& tolerance);

/// An element that disagrees.
struct Difference {
  int64_t element = 0;         ///< counted in row-major order
  std::vector<int64_t> index;  ///< the same, one number a dimension
  std::string actual;          ///< as the shortest text that reads back as the same value
  std::string reference;
};

/// "[0,3]: 1.25, where the reference has 1.5".
XPURT_API std::string to_string(const Difference& difference);

/// How far one tensor is from another. Errors and cosine are over the elements that are finite in
/// both; strings have none. A score is a float tensor whose last dimension is 2 or more: each row
/// along it is taken as one value a class.
struct Agreement {
  int64_t elements = 0;
  int64_t disagreeing = 0;  ///< elements outside the tolerance
  std::optional<Difference> first_difference;
  double max_absolute_error = 0;
  double mean_absolute_error = 0;
  double max_relative_error = 0;  ///< |actual - reference| / |reference|, where that is not 0
  double mean_relative_error = 0;
  std::optional<double> cosine_similarity;  ///< none where one of the two is 0 everywhere
  int64_t rows = 0;                         ///< of a score; 0: it is none
  int64_t rows_same_argmax = 0;             ///< the first of equal maxima counts, NaN never
  /// Of a score of 6 or more: the share of the reference's five largest of a row that are among the
  /// other's five largest, over all rows; of equals the first count, NaN never.
  std::optional<double> top5_overlap;
  int64_t actual_nan = 0;
  int64_t actual_infinite = 0;
  int64_t reference_nan = 0;
  int64_t reference_infinite = 0;

  bool agrees() const { return disagreeing == 0; }
};

/// Compares element by element: integers exactly, float16 and smaller types by their values,
/// complex numbers by their two parts, each an element under one more index.
/// Throws InvalidArgumentError when dtype or shape differ, or a tolerance is negative or NaN.
XPURT_API Agreement measure_agreement(const Tensor& actual, const Tensor& reference,
                                      const Tolerance& tolerance = {});

}  // namespace xpuruntime::toolkit
