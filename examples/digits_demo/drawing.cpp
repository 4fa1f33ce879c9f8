// SPDX-License-Identifier: Apache-2.0
#include "drawing.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace digits_demo {
namespace {

constexpr size_t kSide = 8;
constexpr size_t kWidth = 2 * kSide;  // a pixel is two characters wide, so that it looks square
constexpr const char* kGap = "    ";

std::string shade(float ink) {
  constexpr std::array kShades{"  ", "░░", "▒▒", "▓▓", "██"};
  const auto level = static_cast<size_t>(std::clamp(ink, 0.0f, 1.0f) * 4 + 0.5f);
  return kShades[level];
}

std::string padded(const std::string& text) {
  return text + std::string(kWidth - std::min(kWidth, text.size()), ' ');
}

/// One line over all chosen scans, made of `cell` for each.
template <typename Cell>
std::string line(std::span<const size_t> chosen, Cell&& cell) {
  std::string text;
  for (const size_t i : chosen) text += kGap + cell(i);
  return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
}

}  // namespace

std::string draw(const Digits& digits, std::span<const Reading> readings,
                 std::span<const size_t> chosen, const xpuruntime::toolkit::Style& style) {
  std::string text;
  for (size_t y = 0; y < kSide; ++y) {
    text += line(chosen, [&](size_t i) {
      std::string row;
      for (size_t x = 0; x < kSide; ++x) row += shade(digits.pixels(i)[y * kSide + x]);
      return row;
    });
  }
  text += '\n';
  text += line(chosen, [&](size_t i) {
    const auto& [digit, confidence] = readings[i];
    return style.bold(padded(fmt::format("read: {} ({:.1f} %)", digit, confidence * 100)));
  });
  text += line(chosen, [&](size_t i) {
    const bool right = readings[i].digit == digits.label(i);
    const std::string truth =
        padded(fmt::format("is:   {}{}", digits.label(i), right ? "" : ", wrong"));
    return right ? style.green(truth) : style.red(truth);
  });
  return text;
}

}  // namespace digits_demo
