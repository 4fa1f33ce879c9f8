// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/top_classes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <sstream>

#include "toolkit/byte_source.h"
#include "toolkit/element_visit.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

constexpr uint64_t kMaxLabelBytes = uint64_t{16} << 20;
/// Probabilities of half precision are off by that much in sum.
constexpr double kSumTolerance = 1e-2;

bool is_real(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 ||
         dtype == DType::kBFloat16;
}

std::vector<double> doubles_of(const Tensor& tensor) {
  return visit_element_type(tensor.dtype(), [&](auto element) {
    std::vector<double> doubles;
    for (const auto value : tensor.values<decltype(element)>()) doubles.push_back(as_double(value));
    return doubles;
  });
}

void make_probabilities(std::span<double> row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  const bool are_none = std::ranges::any_of(row, [](double score) { return score < 0; });
  if (!are_none && std::abs(sum - 1) <= kSumTolerance) return;
  const double highest = std::ranges::max(row);
  double total = 0;
  for (double& score : row) total += score = std::exp(score - highest);
  for (double& score : row) score /= total;
}

std::vector<ClassScore> top_of(std::span<double> row, size_t count) {
  std::vector<int64_t> order(row.size());
  std::iota(order.begin(), order.end(), 0);
  const auto score = [&](int64_t index) { return row[static_cast<size_t>(index)]; };
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, row.size()));
  std::partial_sort(order.begin(), end, order.end(), [&](int64_t a, int64_t b) {
    return score(a) != score(b) ? score(a) > score(b) : a < b;
  });
  make_probabilities(row);
  std::vector<ClassScore> top;
  for (auto index = order.begin(); index != end; ++index) top.push_back({*index, score(*index)});
  return top;
}

}  // namespace

std::vector<std::vector<ClassScore>> top_classes(const Tensor& scores, size_t count) {
  const size_t rank = scores.shape().rank();
  if (!scores || !is_real(scores.dtype()) || rank == 0 || scores.shape()[rank - 1] < 1) {
    throw InvalidArgumentError("top classes: expected scores, floats [..., classes], got " +
                               (scores ? to_string(scores) : "no tensor"));
  }
  std::vector<double> values = doubles_of(scores);
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) {
    throw InvalidArgumentError("top classes: the scores hold NaN or infinity");
  }
  const auto classes = static_cast<size_t>(scores.shape()[rank - 1]);
  std::vector<std::vector<ClassScore>> rows;
  for (size_t begin = 0; begin < values.size(); begin += classes) {
    rows.push_back(top_of(std::span(values).subspan(begin, classes), count));
  }
  return rows;
}

std::vector<std::string> read_labels(const std::filesystem::path& path) {
  const ByteSource source = open_file(path);
  if (source.size > kMaxLabelBytes) {
    throw InvalidArgumentError(source.label + ": expected names of classes, one a line, got " +
                               std::to_string(source.size) + " bytes");
  }
  std::string text(source.size, '\0');
  source.read(text.data(), text.size());
  std::istringstream lines(text);
  std::vector<std::string> labels;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    labels.push_back(line);
  }
  return labels;
}

}  // namespace xpuruntime::toolkit
