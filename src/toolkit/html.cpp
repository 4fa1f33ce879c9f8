// SPDX-License-Identifier: Apache-2.0
#include "toolkit/html.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "toolkit/units.h"

namespace xpuruntime::toolkit {
namespace {

constexpr double kFarApart = 8;
constexpr size_t kMostTicks = 6;

/// 1, 2 or 5 times a power of ten, at least `step`.
double round_step(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= step * 0.999) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

Axis::Axis(double low, double high) : low_(low), high_(std::max(high, low * 1.01)) {
  logarithmic_ = high_ / low_ > kFarApart;
}

Axis Axis::decades(double low, double high) {
  Axis axis;
  axis.low_ = std::pow(10, std::floor(std::log10(low)));
  axis.high_ = std::pow(10, std::ceil(std::log10(high)));
  if (axis.high_ < axis.low_ * 9) axis.high_ = axis.low_ * 10;
  axis.logarithmic_ = true;
  return axis;
}

double Axis::at(double value) const {
  const double share = logarithmic_
                           ? std::log(std::max(value, low_) / low_) / std::log(high_ / low_)
                           : (value - low_) / (high_ - low_);
  return 100 * std::clamp(share, 0.0, 1.0);
}

double Axis::value(double at) const {
  const double share = at / 100;
  return logarithmic_ ? low_ * std::pow(high_ / low_, share) : low_ + share * (high_ - low_);
}

std::vector<Axis::Tick> Axis::ticks() const {
  std::vector<Tick> ticks;
  const auto add = [&](double value) {
    if (value >= low_ * 0.999 && value <= high_ * 1.001) ticks.push_back({value, at(value)});
  };
  if (!logarithmic_) {
    const double step = round_step((high_ - low_) / static_cast<double>(kMostTicks - 1));
    const auto first = std::llround(std::ceil(low_ / step - 1e-6));
    for (auto n = first; static_cast<double>(n) * step <= high_ * 1.0001; ++n) {
      add(static_cast<double>(n) * step);
    }
    return ticks;
  }
  const auto first = std::llround(std::floor(std::log10(low_) + 1e-9));
  const auto last = std::llround(std::floor(std::log10(high_) + 1e-9));
  const double decades = std::log10(high_ / low_);
  const auto every =
      std::llround(std::max(1.0, std::ceil(decades / static_cast<double>(kMostTicks - 1))));
  for (auto n = first; n <= last; n += every) {
    const double power = std::pow(10, static_cast<double>(n));
    add(power);
    for (const double factor : {2.0, 5.0}) {
      if (decades <= 2.2) add(factor * power);
    }
  }
  return ticks;
}

std::vector<size_t> histogram(const Axis& axis, std::span<const double> values, size_t bins) {
  std::vector<size_t> counts(bins, 0);
  for (const double value : values) {
    const auto bin = static_cast<size_t>(axis.at(value) / 100 * static_cast<double>(bins));
    ++counts[std::min(bin, bins - 1)];
  }
  return counts;
}

std::string axis_html(const Axis& axis, std::string (*label)(double)) {
  constexpr double kApart = 15;  // per cent, so that texts do not run into one another on a phone
  std::string text = "<div class=\"axis\">";
  double last = -kApart;
  for (const auto& tick : axis.ticks()) {
    if (tick.at < last + kApart) continue;
    last = tick.at;
    const char* const edge = tick.at < 8    ? " class=\"first\""
                             : tick.at > 92 ? " class=\"last\""
                                            : "";
    text += fmt::format("<span{} style=\"left:{:.1f}%\">{}</span>", edge, tick.at,
                        html_text(label(tick.value)));
  }
  return text + "</div>\n";
}

}  // namespace xpuruntime::toolkit
