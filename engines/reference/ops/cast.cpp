// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cstdlib>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

template <typename To, typename From>
void convert_elements(const From* from, To* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if constexpr (kIsFloat<From>) {
      to[i] = float_to<To>(widen(from[i]));
    } else {
      to[i] = narrow<To>(widen(from[i]));
    }
  }
}

bool is_integer(DType dtype) { return is_among(dtype, Integers{}) || is_small_integer(dtype); }

double parse_number(const Call& call, std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);  // from_chars() takes inf and nan, no plus
  double value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_beyond = error == std::errc::result_out_of_range;
  if ((error != std::errc() && !is_beyond) || stop != digits.data() + digits.size()) {
    call.fail("'" + std::string(text.substr(0, 40)) + "' is not a number");
  }
  if (is_beyond) return std::strtod(std::string(digits).c_str(), nullptr);
  return value;
}

/// Whole numbers keep all of their digits.
int64_t parse_integer(const Call& call, std::string_view text) {
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && stop == text.data() + text.size()) return value;
  return float_to<int64_t>(parse_number(call, text));
}

/// The shortest plain text that reads as the same number.
template <typename T>
std::string number_text(T value) {
  if constexpr (kIsFloat<T> && !std::is_floating_point_v<T>) {
    return number_text(to_float(value));
  } else if constexpr (std::is_same_v<T, Bool>) {
    return value.byte != 0 ? "1" : "0";
  } else {
    std::array<char, 1100> text{};  // the least double has 1074 places
    std::to_chars_result end{};
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(value)) return "NaN";
      if (std::isinf(value)) return value > 0 ? "INF" : "-INF";
      end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    } else {
      end = std::to_chars(text.data(), text.data() + text.size(), value);
    }
    return {text.data(), end.ptr};
  }
}

/// Small types and strings as float64 or int64, whichever holds all of what `to` can.
Tensor widened(const Call& call, const Tensor& from, DType to) {
  const bool is_text = from.dtype() == DType::kString;
  const bool whole = is_text ? is_integer(to) : is_small_integer(from.dtype());
  Tensor wide = call.scratch(whole ? DType::kInt64 : DType::kDouble, from.shape());
  for (int64_t i = 0; i < from.size(); ++i) {
    if (is_text) {
      const std::string_view text = from.values<std::string_view>()[i];
      if (whole) {
        wide.values<int64_t>()[i] = parse_integer(call, text);
      } else {
        wide.values<double>()[i] = parse_number(call, text);
      }
    } else if (whole) {
      wide.values<int64_t>()[i] = small_to_int(from.dtype(), from.values<uint8_t>()[i]);
    } else {
      wide.values<double>()[i] = small_to_double(from.dtype(), from.values<uint8_t>()[i]);
    }
  }
  return wide;
}

void make_small(const Call& call, const Tensor& from, Tensor& to, const onnx::Rounding& rounding) {
  const bool whole = is_small_integer(to.dtype());
  Tensor wide = call.scratch(whole ? DType::kInt64 : DType::kDouble, from.shape());
  convert(call, from, wide);
  for (int64_t i = 0; i < to.size(); ++i) {
    to.values<uint8_t>()[i] = whole
                                  ? int_to_small(to.dtype(), wide.values<int64_t>()[i])
                                  : double_to_small(to.dtype(), wide.values<double>()[i], rounding);
  }
}

void make_strings(const Call& call, const Tensor& from, Tensor& to) {
  call.dispatch(from.dtype(), AllTypes{}, [&]<typename T>() {
    for (int64_t i = 0; i < from.size(); ++i) {
      to.values<std::string_view>()[i] = call.keep(number_text(from.values<T>()[i]));
    }
  });
}

}  // namespace

void convert(const Call& call, const Tensor& from, Tensor& to, const onnx::Rounding& rounding) {
  if (is_small(from.dtype()) || from.dtype() == DType::kString) {
    return convert(call, widened(call, from, to.dtype()), to, rounding);
  }
  if (is_small(to.dtype())) return make_small(call, from, to, rounding);
  if (to.dtype() == DType::kString) return make_strings(call, from, to);
  call.dispatch(from.dtype(), AllTypes{}, [&]<typename From>() {
    call.dispatch(to.dtype(), AllTypes{}, [&]<typename To>() {
      convert_elements(from.values<From>(), to.values<To>(), from.size());
    });
  });
}

namespace {

/// `saturate` came with operator set 19 and `round_mode` with 24. ONNX leaves open what a float
/// beyond an integer's range becomes: see float_to().
void cast_to(Call& call, DType to) {
  const Tensor& x = call.input(0);
  const std::string round_mode = call.string_or("round_mode", "up");
  if (round_mode != "up" && round_mode != "down" && round_mode != "nearest") {
    call.fail("round_mode '" + round_mode + "' is unknown");
  }
  const onnx::Rounding rounding{call.int_or("saturate", 1) != 0, round_mode};
  if (!is_supported(to)) call.unsupported(to);
  if (to == x.dtype()) return call.output_view(0, x);
  convert(call, x, call.output(0, to, x.shape()), rounding);
}

}  // namespace

void cast(Call& call) { cast_to(call, static_cast<DType>(call.int_or("to", 0))); }

void cast_like(Call& call) { cast_to(call, call.input(1).dtype()); }

}  // namespace xpuruntime::reference
