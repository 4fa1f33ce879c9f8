// SPDX-License-Identifier: Apache-2.0
#include "onnx/small_types.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace xpuruntime::onnx {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A float with a sign, as the OCP's "8-bit Floating Point" and "Microscaling Formats" have them;
/// "fnuz" is P. Micikevicius et al. and B. Noune et al., 2022: no infinity, no -0, and NaN in its
/// place.
struct Format {
  DType dtype;
  int mantissa_bits;
  int bias;
  uint8_t greatest;  ///< bits of the greatest finite value
  uint8_t infinity;  ///< bits of infinity, 0: none
  uint8_t nan;       ///< bits of NaN, 0: none
};

constexpr Format kFormats[] = {
    {DType::kFloat8e4m3fn, 3, 7, 0x7e, 0, 0x7f},   {DType::kFloat8e4m3fnuz, 3, 8, 0x7f, 0, 0x80},
    {DType::kFloat8e5m2, 2, 15, 0x7b, 0x7c, 0x7e}, {DType::kFloat8e5m2fnuz, 2, 16, 0x7f, 0, 0x80},
    {DType::kFloat4e2m1, 1, 1, 0x7, 0, 0},         {DType::kFloat6e2m3, 3, 1, 0x1f, 0, 0},
    {DType::kFloat6e3m2, 2, 3, 0x1f, 0, 0},
};

const Format* format_of(DType dtype) {
  const auto* found = std::ranges::find(kFormats, dtype, &Format::dtype);
  return found != std::end(kFormats) ? found : nullptr;
}

uint8_t sign_bit(DType dtype) { return static_cast<uint8_t>(1u << (bit_width(dtype) - 1)); }

/// Of the bits without the sign.
double finite_value(const Format& format, unsigned bits) {
  const auto exponent = static_cast<int>(bits >> format.mantissa_bits);
  unsigned mantissa = bits & ((1u << format.mantissa_bits) - 1u);
  if (exponent != 0) mantissa |= 1u << format.mantissa_bits;
  return std::ldexp(mantissa, std::max(exponent, 1) - format.bias - format.mantissa_bits);
}

/// Of a finite value that is not negative; may be beyond the greatest.
unsigned finite_bits(const Format& format, double magnitude) {
  const int least = 1 - format.bias;
  const int exponent = magnitude > 0 ? std::max(std::ilogb(magnitude), least) : least;
  const double steps = std::nearbyint(std::ldexp(magnitude, format.mantissa_bits - exponent));
  // A mantissa that was rounded up to the next power of two carries into the exponent.
  return (static_cast<unsigned>(exponent - least) << format.mantissa_bits) +
         static_cast<unsigned>(steps);
}

// float8e8m0: powers of two from 2^-127 on, and NaN.
constexpr uint8_t kPowerNaN = 0xff;

uint8_t to_power(double value, const Rounding& rounding) {
  const double magnitude = std::fabs(value);  // ONNX leaves open what negative values become
  if (std::isnan(value)) return kPowerNaN;
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent) * 2;  // 1 <= fraction < 2
  --exponent;
  if (rounding.round_mode == "up" ? fraction > 1
                                  : rounding.round_mode == "nearest" && fraction >= 1.5) {
    ++exponent;
  }
  const bool too_small = magnitude < 0x1p-127;
  const bool too_large = std::isinf(magnitude) || (!too_small && exponent > 127);
  if ((too_small || too_large) && !rounding.saturate) return kPowerNaN;
  if (too_large) return 0xfe;
  return static_cast<uint8_t>(too_small ? 0 : exponent + 127);
}

}  // namespace

bool is_small_float(DType dtype) {
  return dtype == DType::kFloat8e8m0 || format_of(dtype) != nullptr;
}

bool is_small_integer(DType dtype) {
  return dtype == DType::kUint4 || dtype == DType::kInt4 || dtype == DType::kUint2 ||
         dtype == DType::kInt2;
}

double small_to_double(DType dtype, uint8_t bits) {
  if (dtype == DType::kFloat8e8m0) return bits == kPowerNaN ? kNaN : std::ldexp(1.0, bits - 127);
  const Format& format = *format_of(dtype);
  const uint8_t sign = sign_bit(dtype);
  const unsigned rest = bits & (sign - 1u);
  double value = finite_value(format, rest);
  if (bits == format.nan && format.nan != 0) {
    value = kNaN;
  } else if (rest > format.greatest) {
    value = rest == format.infinity ? kInfinity : kNaN;
  }
  return (bits & sign) != 0 ? -value : value;
}

uint8_t double_to_small(DType dtype, double value, const Rounding& rounding) {
  if (dtype == DType::kFloat8e8m0) return to_power(value, rounding);
  const Format& format = *format_of(dtype);
  const bool has_negative_zero = format.nan != sign_bit(dtype);
  const uint8_t sign = std::signbit(value) ? sign_bit(dtype) : uint8_t{0};
  const auto with_sign = [&](unsigned bits) { return static_cast<uint8_t>(bits | sign); };
  if (std::isnan(value)) return with_sign(format.nan);
  const unsigned bits = std::isinf(value) ? ~0u : finite_bits(format, std::fabs(value));
  if (bits > format.greatest) {
    if (rounding.saturate || format.nan == 0) return with_sign(format.greatest);
    return with_sign(format.infinity != 0 ? format.infinity : format.nan);
  }
  return bits == 0 && !has_negative_zero ? uint8_t{0} : with_sign(bits);
}

int64_t small_to_int(DType dtype, uint8_t bits) {
  const bool is_signed = dtype == DType::kInt4 || dtype == DType::kInt2;
  const uint8_t sign = is_signed ? sign_bit(dtype) : uint8_t{0};
  return (bits & sign) != 0 ? bits - 2 * sign : bits;
}

uint8_t int_to_small(DType dtype, int64_t value) {
  return static_cast<uint8_t>(value & (2 * sign_bit(dtype) - 1));
}

bool is_packed(DType dtype) {
  const int bits = bit_width(dtype);
  return bits > 0 && bits < 8;
}

void unpack(DType dtype, const void* packed, std::span<uint8_t> elements) {
  const auto* bytes = static_cast<const uint8_t*>(packed);
  const auto width = static_cast<size_t>(bit_width(dtype));
  for (size_t i = 0; i < elements.size(); ++i) {
    const size_t at = i * width / 8;
    const size_t shift = i * width % 8;
    unsigned bits = static_cast<unsigned>(bytes[at]) >> shift;
    if (shift + width > 8) bits |= static_cast<unsigned>(bytes[at + 1]) << (8 - shift);
    elements[i] = static_cast<uint8_t>(bits & ((1u << width) - 1u));
  }
}

void pack(DType dtype, std::span<const uint8_t> elements, void* packed) {
  auto* bytes = static_cast<uint8_t*>(packed);
  const auto width = static_cast<size_t>(bit_width(dtype));
  std::fill_n(bytes, (elements.size() * width + 7) / 8, uint8_t{0});
  for (size_t i = 0; i < elements.size(); ++i) {
    const size_t at = i * width / 8;
    const unsigned bits = static_cast<unsigned>(elements[i]) << (i * width % 8);
    bytes[at] = static_cast<uint8_t>(bytes[at] | bits);
    if (bits > 0xff) bytes[at + 1] = static_cast<uint8_t>(bytes[at + 1] | (bits >> 8));
  }
}

}  // namespace xpuruntime::onnx
