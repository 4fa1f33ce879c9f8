// SPDX-License-Identifier: Apache-2.0
#include "digits.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace digits_demo {

using xpuruntime::InvalidArgumentError;
using xpuruntime::Tensor;

Digits load_digits(const std::filesystem::path& npz) {
  const auto arrays = xpuruntime::toolkit::read_npz(npz);
  Digits digits{arrays.at("images"), arrays.at("labels")};
  const auto count = static_cast<int64_t>(digits.count());
  if (count == 0 || !(digits.images.shape() == xpuruntime::Shape{count, 1, 8, 8})) {
    throw InvalidArgumentError(npz.string() + ": expected images float32[N,1,8,8] and labels " +
                               "int64[N], got " + to_string(digits.images) + " and " +
                               to_string(digits.labels));
  }
  return digits;
}

std::vector<Reading> read_logits(const Tensor& logits) {
  constexpr size_t kClasses = 10;
  const auto values = logits.values<float>();
  std::vector<Reading> readings;
  for (size_t begin = 0; begin + kClasses <= values.size(); begin += kClasses) {
    const auto row = values.subspan(begin, kClasses);
    const auto best = std::ranges::max_element(row);
    double sum = 0;
    for (const float logit : row) sum += std::exp(static_cast<double>(logit - *best));
    readings.push_back({best - row.begin(), 1 / sum});
  }
  return readings;
}

size_t count_right(const Digits& digits, std::span<const Reading> readings) {
  size_t right = 0;
  for (size_t i = 0; i < digits.count(); ++i) right += readings[i].digit == digits.label(i);
  return right;
}

}  // namespace digits_demo
