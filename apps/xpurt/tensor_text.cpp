// SPDX-License-Identifier: Apache-2.0
#include "tensor_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "session_text.h"
#include "toolkit/element_visit.h"

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

}  // namespace

TensorSummary summarize(const Tensor& tensor) {
  TensorSummary summary;
  toolkit::visit_element_type(tensor.dtype(), [&](auto element) {
    double sum = 0;
    for (const auto value : tensor.values<decltype(element)>()) {
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
  });
  return summary;
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
