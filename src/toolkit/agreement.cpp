// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/agreement.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "toolkit/element_visit.h"
#include "toolkit/narrow_types.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kTop = 5;

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

template <typename T>
bool same_bits(T a, T b) {
  if constexpr (kIsHalf<T>) {
    return a.bits == b.bits;
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
  } else {
    return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
  }
}

template <typename T>
bool agrees(T actual, T reference, const Tolerance& tolerance) {
  if constexpr (std::is_integral_v<T>) {
    return actual == reference;
  } else {
    if (tolerance.bitwise) return same_bits(actual, reference);
    const double a = as_double(actual), r = as_double(reference);
    if (!std::isfinite(a) || !std::isfinite(r)) return (std::isnan(a) && std::isnan(r)) || a == r;
    return std::abs(a - r) <= tolerance.absolute + tolerance.relative * std::abs(r);
  }
}

template <typename T>
std::string text_of(T value) {
  if constexpr (kIsHalf<T>) {
    return fmt::format("{}", to_float(value));
  } else {
    return fmt::format("{}", value);
  }
}

std::vector<int64_t> index_of(size_t element, const Shape& shape) {
  std::vector<int64_t> index(shape.rank());
  auto left = static_cast<int64_t>(element);
  for (size_t d = shape.rank(); d-- > 0; left /= shape[d]) index[d] = left % shape[d];
  return index;
}

struct Sums {
  double absolute = 0;
  double relative = 0;
  int64_t finite = 0;
  int64_t nonzero = 0;
  double product = 0;
  double actual_square = 0;
  double reference_square = 0;
};

template <typename T>
void measure_element(T actual, T reference, Agreement& result, Sums& sums) {
  const double a = as_double(actual), r = as_double(reference);
  result.actual_nan += std::isnan(a);
  result.actual_infinite += std::isinf(a);
  result.reference_nan += std::isnan(r);
  result.reference_infinite += std::isinf(r);
  if (!std::isfinite(a) || !std::isfinite(r)) return;
  const double error = distance(actual, reference);
  result.max_absolute_error = std::max(result.max_absolute_error, error);
  sums.absolute += error;
  ++sums.finite;
  sums.product += a * r;
  sums.actual_square += a * a;
  sums.reference_square += r * r;
  if (r != 0) {
    const double relative = error / std::abs(r);
    result.max_relative_error = std::max(result.max_relative_error, relative);
    sums.relative += relative;
    ++sums.nonzero;
  }
}

void add_means(const Sums& sums, Agreement& result) {
  if (sums.finite > 0) {
    result.mean_absolute_error = sums.absolute / static_cast<double>(sums.finite);
  }
  if (sums.nonzero > 0) {
    result.mean_relative_error = sums.relative / static_cast<double>(sums.nonzero);
  }
  const double lengths = std::sqrt(sums.actual_square) * std::sqrt(sums.reference_square);
  if (lengths > 0 && std::isfinite(lengths)) {
    result.cosine_similarity = std::clamp(sums.product / lengths, -1.0, 1.0);
  }
}

/// Places of the largest elements of a row, the largest first; those that are NaN are left out.
template <typename T>
class Largest {
 public:
  explicit Largest(std::span<const T> row) {
    for (size_t i = 0; i < row.size(); ++i) {
      const double value = as_double(row[i]);
      if (!std::isnan(value)) add(i, value);
    }
  }
  std::span<const size_t> places() const { return {places_.data(), count_}; }

 private:
  void add(size_t place, double value) {
    size_t at = count_;
    while (at > 0 && value > values_[at - 1]) --at;
    if (at == kTop) return;
    count_ = std::min(count_ + 1, kTop);
    for (size_t i = count_ - 1; i > at; --i) {
      values_[i] = values_[i - 1];
      places_[i] = places_[i - 1];
    }
    values_[at] = value;
    places_[at] = place;
  }

  std::array<double, kTop> values_{};
  std::array<size_t, kTop> places_{};
  size_t count_ = 0;
};

template <typename T>
void measure_rows(std::span<const T> actual, std::span<const T> reference, size_t width,
                  Agreement& result) {
  size_t shared = 0;
  for (size_t begin = 0; begin < actual.size(); begin += width) {
    const Largest<T> largest(actual.subspan(begin, width));
    const Largest<T> expected(reference.subspan(begin, width));
    const auto places = largest.places(), wanted = expected.places();
    ++result.rows;
    result.rows_same_argmax += !places.empty() && !wanted.empty() && places[0] == wanted[0];
    for (const size_t place : wanted) shared += std::ranges::count(places, place) > 0;
  }
  if (width > kTop && result.rows > 0) {
    result.top5_overlap =
        static_cast<double>(shared) / static_cast<double>(kTop) / static_cast<double>(result.rows);
  }
}

template <typename T>
void measure_values(std::span<const T> actual, std::span<const T> reference, const Shape& shape,
                    const Tolerance& tolerance, Agreement& result) {
  Sums sums;
  for (size_t i = 0; i < actual.size(); ++i) {
    measure_element(actual[i], reference[i], result, sums);
    if (agrees(actual[i], reference[i], tolerance)) continue;
    if (++result.disagreeing > 1) continue;
    result.first_difference = Difference{static_cast<int64_t>(i), index_of(i, shape),
                                         text_of(actual[i]), text_of(reference[i])};
  }
  add_means(sums, result);
  if constexpr (!std::is_integral_v<T>) {
    const int64_t width = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
    if (width >= 2) measure_rows(actual, reference, static_cast<size_t>(width), result);
  }
}

void forget_score(Agreement& result) {
  result.rows = result.rows_same_argmax = 0;
  result.top5_overlap.reset();
}

void measure_strings(const Tensor& actual, const Tensor& reference, Agreement& result) {
  const auto a = actual.strings(), r = reference.strings();
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == r[i] || ++result.disagreeing > 1) continue;
    result.first_difference = Difference{static_cast<int64_t>(i), index_of(i, actual.shape()),
                                         std::string(a[i]), std::string(r[i])};
  }
}

/// Types that C++ has none for. Integers among them are small enough for a double to tell apart;
/// NaN of any bits is one value.
void measure_narrow(const Tensor& actual, const Tensor& reference, const Tolerance& tolerance,
                    Agreement& result) {
  const auto a = narrow_values(actual), r = narrow_values(reference);
  const bool integers = is_narrow_integer(actual.dtype());
  measure_values<double>(a, r, actual.shape(), integers ? kExact : tolerance, result);
  if (integers) forget_score(result);
}

/// Real and imaginary parts, as a last dimension of 2.
template <typename T>
void measure_complex(const Tensor& actual, const Tensor& reference, const Tolerance& tolerance,
                     Agreement& result) {
  const auto parts = [](const Tensor& tensor) {
    return std::span(static_cast<const T*>(tensor.data()), tensor.byte_size() / sizeof(T));
  };
  std::vector<int64_t> dims(actual.shape().begin(), actual.shape().end());
  dims.push_back(2);
  measure_values(parts(actual), parts(reference), Shape(std::span<const int64_t>(dims)), tolerance,
                 result);
  result.elements *= 2;
  forget_score(result);
}

}  // namespace

Tolerance tolerance_of_policy(std::string_view policy) {
  if (policy == "exact") return kExact;
  if (policy == "strict") return kStrict;
  if (policy == "relaxed") return kRelaxed;
  throw InvalidArgumentError("policy: expected exact, strict or relaxed, got '" +
                             std::string(policy) + "'");
}

void check_tolerance(const Tolerance& tolerance) {
  const auto check = [](const char* name, double value) {
    if (value >= 0) return;
    throw InvalidArgumentError(
        fmt::format("tolerance: expected {} of 0 or more, got {}", name, value));
  };
  check("rtol", tolerance.relative);
  check("atol", tolerance.absolute);
}

std::string to_string(const Tolerance& tolerance) {
  if (tolerance.bitwise) return "exact (bitwise)";
  std::string figures = fmt::format("rtol {:g}, atol {:g}", tolerance.relative, tolerance.absolute);
  if (tolerance == kStrict) return "strict (" + figures + ")";
  if (tolerance == kRelaxed) return "relaxed (" + figures + ")";
  return figures;
}

std::string to_string(const Difference& difference) {
  return to_string(Shape(std::span<const int64_t>(difference.index))) + ": " + difference.actual +
         ", where the reference has " + difference.reference;
}

Agreement measure_agreement(const Tensor& actual, const Tensor& reference,
                            const Tolerance& tolerance) {
  if (actual.dtype() != reference.dtype() || !(actual.shape() == reference.shape())) {
    throw InvalidArgumentError("agreement: expected " + to_string(reference) +
                               " as in the reference, got " + to_string(actual));
  }
  check_tolerance(tolerance);
  Agreement result;
  result.elements = actual.element_count();
  if (actual.dtype() == DType::kString) {
    measure_strings(actual, reference, result);
  } else if (is_narrow(actual.dtype())) {
    measure_narrow(actual, reference, tolerance, result);
  } else if (actual.dtype() == DType::kComplex64) {
    measure_complex<float>(actual, reference, tolerance, result);
  } else if (actual.dtype() == DType::kComplex128) {
    measure_complex<double>(actual, reference, tolerance, result);
  } else {
    visit_element_type(actual.dtype(), [&](auto element) {
      using T = decltype(element);
      measure_values(actual.values<T>(), reference.values<T>(), actual.shape(), tolerance, result);
    });
  }
  return result;
}

}  // namespace xpuruntime::toolkit
