// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <algorithm>
#include <numeric>

namespace xpuruntime {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
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

}  // namespace

std::string join(std::span<const std::string> words) {
  if (words.empty()) return "none";
  std::string text = words[0];
  for (const std::string& word : words.subspan(1)) text += ", " + word;
  return text;
}

std::string nearest(std::string_view wanted, std::span<const std::string> names) {
  std::string best;
  // Further away than a third of the longer word, a suggestion only misleads.
  size_t least = static_cast<size_t>(-1);
  for (const std::string& name : names) {
    const size_t distance = edit_distance(wanted, name);
    if (distance * 3 <= std::max(wanted.size(), name.size()) + 2 && distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string> names) {
  const std::string name = nearest(wanted, names);
  return name.empty() ? "" : "; did you mean '" + name + "'?";
}

}  // namespace xpuruntime
