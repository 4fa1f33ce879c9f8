// SPDX-License-Identifier: Apache-2.0
/// Pieces of a page that stands by itself: escaped text, and charts as inline SVG.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xpuruntime::toolkit {

/// Text as it may stand between tags and in quoted attributes; control characters made visible.
std::string html_text(const std::string& text);

/// An axis that places values at 0..100 (per cent of a chart's width).
class Axis {
 public:
  struct Tick {
    double value;
    double at;
  };

  /// Logarithmic where the ends are far apart (more than eightfold), else linear. Both above 0.
  Axis(double low, double high);
  /// Logarithmic in any case, from a power of ten to one.
  static Axis decades(double low, double high);

  double at(double value) const;    ///< 0..100; what lies beyond an end is put there
  double value(double at) const;    ///< the inverse
  std::vector<Tick> ticks() const;  ///< few, round, in order

 private:
  Axis() = default;
  double low_ = 0;
  double high_ = 1;
  bool logarithmic_ = false;
};

/// How often values fall into each of `bins` equal parts of the axis.
std::vector<size_t> histogram(const Axis& axis, std::span<const double> values, size_t bins);

/// The ticks of an axis under a chart; `label` makes their text.
std::string axis_html(const Axis& axis, std::string (*label)(double));

}  // namespace xpuruntime::toolkit
