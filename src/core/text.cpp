// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include "xpuruntime/engine/nearest.h"

namespace xpuruntime {
namespace {

std::vector<std::string_view> views(std::span<const std::string> names) {
  return {names.begin(), names.end()};
}

}  // namespace

std::string join(std::span<const std::string> words) {
  if (words.empty()) return "none";
  std::string text = words[0];
  for (const std::string& word : words.subspan(1)) text += ", " + word;
  return text;
}

std::string nearest(std::string_view wanted, std::span<const std::string> names) {
  return engine::nearest(wanted, views(names));
}

std::string did_you_mean(std::string_view wanted, std::span<const std::string> names) {
  return engine::did_you_mean(wanted, views(names));
}

}  // namespace xpuruntime
