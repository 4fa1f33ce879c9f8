// SPDX-License-Identifier: Apache-2.0
#include "tensor_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "session_text.h"
#include "toolkit/element_visit.h"
#include "toolkit/narrow_types.h"

namespace xpuruntime::xpurt {
namespace {

constexpr size_t kFirst = 8;

Json number_json(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <typename T>
std::string element_text(T value) {
  if constexpr (std::is_integral_v<T>) {
    return fmt::format("{}", value);
  } else {
    return number_text(toolkit::as_double(value));
  }
}

template <typename T>
Json element_json(T value) {
  if constexpr (std::is_integral_v<T>) {
    return Json(value);
  } else {
    return number_json(toolkit::as_double(value));
  }
}

template <typename Values>
TensorSummary summary_of(const Values& values) {
  TensorSummary summary;
  double sum = 0;
  for (const auto value : values) {
    const double number = toolkit::as_double(value);
    if (summary.first.size() < kFirst) {
      summary.first.push_back(element_text(value));
      summary.first_json.push_back(element_json(value));
    }
    if (std::isnan(number)) {
      ++summary.nan;
      continue;
    }
    summary.min = summary.counted == 0 ? number : std::min(summary.min, number);
    summary.max = summary.counted == 0 ? number : std::max(summary.max, number);
    sum += number;
    ++summary.counted;
  }
  if (summary.counted > 0) summary.mean = sum / static_cast<double>(summary.counted);
  return summary;
}

TensorSummary summary_of_strings(const Tensor& tensor) {
  TensorSummary summary;
  for (const std::string_view text : tensor.strings()) {
    if (summary.first.size() == kFirst) break;
    // JSON's quotes and escapes keep odd bytes from the terminal.
    summary.first_json.push_back(text);
    summary.first.push_back(
        summary.first_json.back().dump(-1, ' ', true, Json::error_handler_t::replace));
  }
  return summary;
}

}  // namespace

TensorSummary summarize(const Tensor& tensor) {
  if (tensor.dtype() == DType::kString) return summary_of_strings(tensor);
  if (toolkit::is_narrow(tensor.dtype())) return summary_of(toolkit::narrow_values(tensor));
  return toolkit::visit_element_type(
      tensor.dtype(), [&](auto element) { return summary_of(tensor.values<decltype(element)>()); });
}

std::string type_text(const Tensor& tensor) {
  return std::string(dtype_name(tensor.dtype())) + to_string(tensor.shape());
}

std::string number_text(double value) { return fmt::format("{:.5g}", value); }

Json to_json(const std::string& name, const Tensor& tensor, const TensorSummary& summary) {
  const bool any = summary.counted > 0;
  return {{"name", name},
          {"dtype", dtype_name(tensor.dtype())},
          {"shape", to_json(tensor.shape())},
          {"byte_size", tensor.byte_size()},
          {"min", any ? number_json(summary.min) : Json(nullptr)},
          {"max", any ? number_json(summary.max) : Json(nullptr)},
          {"mean", any ? number_json(summary.mean) : Json(nullptr)},
          {"nan", summary.nan},
          {"first", summary.first_json}};
}

}  // namespace xpuruntime::xpurt
