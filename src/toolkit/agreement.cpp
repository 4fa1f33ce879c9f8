// SPDX-License-Identifier: Apache-2.0
#include "toolkit/agreement.h"

#include <algorithm>
#include <cmath>

#include "toolkit/element_visit.h"

namespace xpuruntime::toolkit {
namespace {

/// Signed or unsigned, without the rounding of a detour through double.
template <typename T>
double distance(T a, T b) {
  if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
    const auto larger = static_cast<uint64_t>(std::max(a, b));
    return static_cast<double>(larger - static_cast<uint64_t>(std::min(a, b)));
  } else {
    return std::abs(as_double(a) - as_double(b));
  }
}

struct Sums {
  double absolute = 0;
  double relative = 0;
  int64_t finite = 0;
  int64_t nonzero = 0;
};

template <typename T>
void measure_element(T actual, T reference, const Tolerance& tolerance, Agreement& result,
                     Sums& sums) {
  const double a = as_double(actual), r = as_double(reference);
  result.actual_nan += std::isnan(a);
  result.actual_infinite += std::isinf(a);
  result.reference_nan += std::isnan(r);
  result.reference_infinite += std::isinf(r);
  if (!std::isfinite(a) || !std::isfinite(r)) {
    const bool same = (std::isnan(a) && std::isnan(r)) || a == r;
    result.disagreeing += !same;
    return;
  }
  const double error = distance(actual, reference);
  result.max_absolute_error = std::max(result.max_absolute_error, error);
  result.disagreeing += error > tolerance.absolute + tolerance.relative * std::abs(r);
  sums.absolute += error;
  ++sums.finite;
  if (r != 0) {
    const double relative = error / std::abs(r);
    result.max_relative_error = std::max(result.max_relative_error, relative);
    sums.relative += relative;
    ++sums.nonzero;
  }
}

/// The first largest element that is a number; `size` when there is none.
template <typename T>
size_t argmax(const T* row, size_t size) {
  size_t best = size;
  for (size_t i = 0; i < size; ++i) {
    if (std::isnan(as_double(row[i]))) continue;
    if constexpr (kIsHalf<T>) {
      if (best == size || as_double(row[i]) > as_double(row[best])) best = i;
    } else {
      if (best == size || row[i] > row[best]) best = i;
    }
  }
  return best;
}

template <typename T>
void measure_rows(std::span<const T> actual, std::span<const T> reference, size_t width,
                  Agreement& result) {
  for (size_t begin = 0; width > 0 && begin < actual.size(); begin += width) {
    const size_t best = argmax(&actual[begin], width);
    ++result.rows;
    result.rows_same_argmax += best < width && best == argmax(&reference[begin], width);
  }
}

}  // namespace

Agreement measure_agreement(const Tensor& actual, const Tensor& reference,
                            const Tolerance& tolerance) {
  if (actual.dtype() != reference.dtype() || !(actual.shape() == reference.shape())) {
    throw InvalidArgumentError("agreement: expected " + to_string(reference) +
                               " as in the reference, got " + to_string(actual));
  }
  if (!(tolerance.absolute >= 0) || !(tolerance.relative >= 0)) {
    throw InvalidArgumentError("agreement: expected tolerances of 0 or more");
  }
  const Shape& shape = actual.shape();
  const auto width = shape.rank() == 0 ? 1 : static_cast<size_t>(shape[shape.rank() - 1]);

  Agreement result;
  result.elements = actual.element_count();
  visit_element_type(actual.dtype(), [&](auto element) {
    using T = decltype(element);
    const auto a = actual.values<T>(), r = reference.values<T>();
    Sums sums;
    for (size_t i = 0; i < a.size(); ++i) measure_element(a[i], r[i], tolerance, result, sums);
    if (sums.finite > 0) {
      result.mean_absolute_error = sums.absolute / static_cast<double>(sums.finite);
    }
    if (sums.nonzero > 0) {
      result.mean_relative_error = sums.relative / static_cast<double>(sums.nonzero);
    }
    measure_rows(a, r, width, result);
  });
  return result;
}

}  // namespace xpuruntime::toolkit
