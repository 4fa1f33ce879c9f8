// SPDX-License-Identifier: Apache-2.0
#include "nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace xpuruntime::onnxrt {
namespace {

/// Levenshtein's distance, one row at a time.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view written, std::span<const std::string_view> names) {
  std::string_view nearest;
  size_t least = written.size() / 2 + 1;  // a name with half its letters wrong is no spelling of it
  for (const std::string_view name : names) {
    const size_t edits = distance(written, name);
    if (edits < least) {
      least = edits;
      nearest = name;
    }
  }
  return nearest.empty() ? "" : " Did you mean '" + std::string(nearest) + "'?";
}

}  // namespace xpuruntime::onnxrt
