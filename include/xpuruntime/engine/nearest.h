// SPDX-License-Identifier: Apache-2.0
/// Suggestions for names that are not there. Header-only, for engines and the core alike.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xpuruntime::engine {

/// Levenshtein's distance: letters to add, drop or replace (V. I. Levenshtein, 1966).
inline size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// The name with the least edits to `wanted`, the first of several, or "" when none is near.
inline std::string nearest(std::string_view wanted, std::span<const std::string_view> names) {
  std::string_view best;
  size_t least = SIZE_MAX;
  for (const std::string_view name : names) {
    const size_t distance = edit_distance(wanted, name);
    // Further away than a third of the longer word, a suggestion only misleads.
    if (distance * 3 <= std::max(wanted.size(), name.size()) + 2 && distance < least) {
      least = distance;
      best = name;
    }
  }
  return std::string(best);
}

/// "; did you mean 'x'?", or "" when no name is near.
inline std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> names) {
  const std::string name = nearest(wanted, names);
  return name.empty() ? "" : "; did you mean '" + name + "'?";
}

}  // namespace xpuruntime::engine
