// SPDX-License-Identifier: Apache-2.0
#include "toolkit/narrow_types.h"

#include <cmath>
#include <limits>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A small float: a sign bit, exponent bits, fraction bits.
struct Format {
  int exponent_bits;
  int fraction_bits;
  int bias;
  enum { kInfinityAndNaN, kNaNIsAllOnes, kNaNIsMinusZero, kFinite } special;
};

double decode(const Format& format, unsigned bits) {
  const int width = 1 + format.exponent_bits + format.fraction_bits;
  const bool negative = ((bits >> (width - 1)) & 1U) != 0;
  const unsigned magnitude = bits & ((1U << (width - 1)) - 1);
  const unsigned fraction = magnitude & ((1U << format.fraction_bits) - 1);
  const int exponent = static_cast<int>(magnitude >> format.fraction_bits);
  const int top = (1 << format.exponent_bits) - 1;
  if (format.special == Format::kInfinityAndNaN && exponent == top) {
    const double value = fraction == 0 ? std::numeric_limits<double>::infinity() : kNaN;
    return negative ? -value : value;
  }
  if (format.special == Format::kNaNIsAllOnes && magnitude == (1U << (width - 1)) - 1) return kNaN;
  if (format.special == Format::kNaNIsMinusZero && negative && magnitude == 0) return kNaN;
  const double value = exponent == 0 ? std::ldexp(fraction, 1 - format.bias - format.fraction_bits)
                                     : std::ldexp(fraction + (1U << format.fraction_bits),
                                                  exponent - format.bias - format.fraction_bits);
  return negative ? -value : value;
}

double decode_signed(unsigned bits, int width) {
  const int value = static_cast<int>(bits);
  return value >= 1 << (width - 1) ? value - (1 << width) : value;
}

/// One element, of its bits in the lowest ones.
double element(DType dtype, unsigned bits) {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
      return decode({4, 3, 7, Format::kNaNIsAllOnes}, bits);
    case DType::kFloat8E4M3FNUZ:
      return decode({4, 3, 8, Format::kNaNIsMinusZero}, bits);
    case DType::kFloat8E5M2:
      return decode({5, 2, 15, Format::kInfinityAndNaN}, bits);
    case DType::kFloat8E5M2FNUZ:
      return decode({5, 2, 16, Format::kNaNIsMinusZero}, bits);
    case DType::kFloat8E8M0:  // an exponent alone
      return bits == 0xFFU ? kNaN : std::ldexp(1.0, static_cast<int>(bits) - 127);
    case DType::kFloat4E2M1:
      return decode({2, 1, 1, Format::kFinite}, bits);
    case DType::kInt4:
      return decode_signed(bits, 4);
    case DType::kInt2:
      return decode_signed(bits, 2);
    default:
      return bits;
  }
}

}  // namespace

bool is_narrow(DType dtype) noexcept {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0:
    case DType::kFloat4E2M1:
    case DType::kUInt4:
    case DType::kInt4:
    case DType::kUInt2:
    case DType::kInt2:
      return true;
    default:
      return false;
  }
}

std::vector<double> narrow_values(const Tensor& tensor) {
  if (!is_narrow(tensor.dtype())) {
    throw InvalidArgumentError(to_string(tensor) + " is of no narrow type");
  }
  const size_t width = element_bits(tensor.dtype());
  const auto* const bytes = static_cast<const uint8_t*>(tensor.data());
  std::vector<double> values(static_cast<size_t>(tensor.element_count()));
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t bit = i * width;
    const unsigned bits =
        (static_cast<unsigned>(bytes[bit / 8]) >> (bit % 8)) & ((1U << width) - 1);
    values[i] = element(tensor.dtype(), bits);
  }
  return values;
}

uint8_t narrow_random(DType dtype, uint64_t bits) noexcept {
  switch (dtype) {
    case DType::kFloat8E4M3FN:
      return static_cast<uint8_t>(bits % 0x39U);  // 1.0 is 0x38, and all below it are smaller
    case DType::kFloat8E4M3FNUZ:
      return static_cast<uint8_t>(bits % 0x41U);
    case DType::kFloat8E5M2:
      return static_cast<uint8_t>(bits % 0x3DU);
    case DType::kFloat8E5M2FNUZ:
      return static_cast<uint8_t>(bits % 0x41U);
    case DType::kFloat8E8M0:
      return static_cast<uint8_t>(120U + bits % 8U);
    case DType::kFloat4E2M1:
      return static_cast<uint8_t>(bits % 3U);
    default:
      return static_cast<uint8_t>(bits & ((1U << element_bits(dtype)) - 1));
  }
}

}  // namespace xpuruntime::toolkit
