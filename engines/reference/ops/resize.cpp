// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// One dimension: its lengths, and what part of it is looked at.
struct Axis {
  int64_t in;
  int64_t out;
  double scale = 1;
  double start = 0;
  double end = 1;
};

struct Tap {
  int64_t index;
  double weight;
};

/// What makes one element of the result along one dimension; none: it lies outside.
using Taps = std::vector<Tap>;

class Sampler {
 public:
  explicit Sampler(const Call& call, bool is_old)
      : mode_(call.string_or("mode", "nearest")),
        transformation_(is_old ? "asymmetric"
                               : call.string_or("coordinate_transformation_mode", "half_pixel")),
        nearest_(is_old ? "floor" : call.string_or("nearest_mode", "round_prefer_floor")),
        antialias_(call.int_or("antialias", 0) != 0),
        exclude_outside_(call.int_or("exclude_outside", 0) != 0),
        a_(call.float_or("cubic_coeff_a", -0.75f)) {
    if (!is_nearest() && mode_ != "linear" && mode_ != "cubic") {
      call.fail("mode '" + mode_ + "' is unknown");
    }
  }

  bool is_nearest() const { return mode_ == "nearest"; }
  bool is_cropping() const { return transformation_ == "tf_crop_and_resize"; }

  Taps taps(const Call& call, const Axis& axis, int64_t place) const {
    const double x = source(call, axis, static_cast<double>(place));
    if (is_cropping() && !(x >= 0 && x <= static_cast<double>(axis.in - 1))) return {};
    if (is_nearest()) return {{clamped(axis, nearest(call, x)), 1}};
    const double stretch = antialias_ ? std::min(axis.scale, 1.0) : 1.0;
    const double reach = (mode_ == "linear" ? 1 : 2) / stretch;
    Taps taps;
    double sum = 0;
    for (double i = std::ceil(x - reach); i <= std::floor(x + reach); ++i) {
      const bool outside = i < 0 || i > static_cast<double>(axis.in - 1);
      const double weight = exclude_outside_ && outside ? 0 : filter((i - x) * stretch);
      if (weight != 0) taps.push_back({clamped(axis, i), weight});
      sum += weight;
    }
    for (Tap& tap : taps) tap.weight /= sum;
    return taps;
  }

 private:
  static int64_t clamped(const Axis& axis, double index) {
    return std::clamp(float_to<int64_t>(index), int64_t{0}, axis.in - 1);
  }

  /// The place in the input, after the formulas of coordinate_transformation_mode.
  double source(const Call& call, const Axis& axis, double place) const {
    const auto last = static_cast<double>(axis.in - 1);
    const double length = axis.scale * static_cast<double>(axis.in);
    if (transformation_ == "asymmetric") return place / axis.scale;
    if (transformation_ == "align_corners") return length == 1 ? 0 : place * last / (length - 1);
    if (is_cropping()) {
      const double span = (axis.end - axis.start) * last;
      return axis.start * last + (length == 1 ? span / 2 : place * span / (length - 1));
    }
    const double centre = (place + 0.5) / axis.scale - 0.5;
    if (transformation_ == "half_pixel") return centre;
    if (transformation_ == "pytorch_half_pixel") return length == 1 ? -0.5 : centre;
    if (transformation_ == "half_pixel_symmetric") {
      const double adjustment = static_cast<double>(axis.out) / length;
      return static_cast<double>(axis.in) / 2 * (1 - adjustment) + centre;
    }
    call.fail("coordinate_transformation_mode '" + transformation_ + "' is unknown");
  }

  double nearest(const Call& call, double x) const {
    if (nearest_ == "round_prefer_floor") return std::ceil(x - 0.5);
    if (nearest_ == "round_prefer_ceil") return std::floor(x + 0.5);
    if (nearest_ == "floor") return std::floor(x);
    if (nearest_ == "ceil") return std::ceil(x);
    call.fail("nearest_mode '" + nearest_ + "' is unknown");
  }

  /// The triangle, or R. Keys' cubic convolution (IEEE Trans. ASSP 29, 1981, equation 4).
  double filter(double distance) const {
    const double t = std::fabs(distance);
    if (mode_ == "linear") return std::max(0.0, 1 - t);
    if (t <= 1) return ((a_ + 2) * t - (a_ + 3)) * t * t + 1;
    return t < 2 ? ((a_ * t - 5 * a_) * t + 8 * a_) * t - 4 * a_ : 0;
  }

  std::string mode_, transformation_, nearest_;
  bool antialias_, exclude_outside_;
  double a_;
};

/// A list of numbers, one for each of `axes`; nothing where it is not given or empty.
std::optional<std::vector<double>> numbers(const Call& call, size_t i, size_t size) {
  if (!call.has_input(i) || call.input(i).size() == 0) return std::nullopt;
  const Tensor wide = call.as(i, DType::kDouble);
  if (wide.size() != static_cast<int64_t>(size)) {
    call.fail("input " + std::to_string(i) + " must have " + std::to_string(size) + " numbers");
  }
  return std::vector<double>(wide.values<double>(), wide.values<double>() + wide.size());
}

void apply_scales(const Call& call, std::vector<Axis>& all, const std::vector<size_t>& axes,
                  const std::vector<double>& scales) {
  for (size_t i = 0; i < axes.size(); ++i) {
    Axis& axis = all[axes[i]];
    axis.scale = scales[i];
    if (!(axis.scale > 0) || !std::isfinite(axis.scale)) call.fail("a scale is not positive");
    axis.out = float_to<int64_t>(std::floor(static_cast<double>(axis.in) * axis.scale));
  }
}

void apply_sizes(const Call& call, std::vector<Axis>& all, const std::vector<size_t>& axes,
                 const std::vector<double>& sizes) {
  const std::string policy = call.string_or("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller") {
    call.fail("keep_aspect_ratio_policy '" + policy + "' is unknown");
  }
  std::vector<double> scales;
  for (size_t i = 0; i < axes.size(); ++i) {
    Axis& axis = all[axes[i]];
    axis.out = float_to<int64_t>(sizes[i]);
    axis.scale = sizes[i] / static_cast<double>(axis.in);
    if (!(axis.scale > 0) || !std::isfinite(axis.scale)) call.fail("a size is not positive");
    scales.push_back(axis.scale);
  }
  if (policy == "stretch" || scales.empty()) return;
  const auto [least, most] = std::ranges::minmax(scales);
  for (const size_t i : axes) {
    all[i].scale = policy == "not_larger" ? least : most;
    all[i].out = float_to<int64_t>(std::floor(all[i].scale * static_cast<double>(all[i].in) + 0.5));
  }
}

/// What each dimension becomes. `first` is the input with the scales; sizes are the next one.
std::vector<Axis> read_axes(const Call& call, size_t first, bool is_cropping) {
  const Tensor& x = call.input(0);
  std::vector<Axis> all;
  for (const int64_t dim : x.shape()) all.push_back({dim, dim});
  std::vector<size_t> axes(all.size());
  std::iota(axes.begin(), axes.end(), size_t{0});
  if (const auto given = call.ints("axes")) {
    axes.clear();
    for (const int64_t axis : *given) axes.push_back(call.axis(axis, x.rank()));
  }
  if (const auto scales = numbers(call, first, axes.size())) {
    apply_scales(call, all, axes, *scales);
  } else if (const auto sizes = numbers(call, first + 1, axes.size())) {
    apply_sizes(call, all, axes, *sizes);
  } else {
    call.fail("scales and sizes are missing");
  }
  if (!is_cropping) return all;
  const auto regions = numbers(call, 1, 2 * axes.size());
  if (!regions) call.fail("the region of interest is missing");
  for (size_t i = 0; i < axes.size(); ++i) {
    all[axes[i]].start = (*regions)[i];
    all[axes[i]].end = (*regions)[i + axes.size()];
  }
  return all;
}

/// Weighted sums along dimension `d`.
Tensor resample(const Call& call, const Tensor& x, size_t d, const std::vector<Taps>& taps) {
  Shape shape = x.shape();
  shape[d] = static_cast<int64_t>(taps.size());
  Tensor y = call.scratch(DType::kDouble, shape);
  const int64_t inner = product(shape, d + 1, shape.size());
  for (int64_t i = 0; i < y.size(); ++i) {
    const int64_t first = i / (inner * shape[d]) * x.shape()[d] * inner + i % inner;
    double sum = 0;
    for (const Tap& tap : taps[static_cast<size_t>(i / inner % shape[d])]) {
      sum += tap.weight * x.values<double>()[first + tap.index * inner];
    }
    y.values<double>()[i] = sum;
  }
  return y;
}

/// Elements of any dtype, as the first tap of each dimension says.
void copy_nearest(const Tensor& x, const std::vector<std::vector<Taps>>& taps, Tensor& y) {
  const Strides strides = strides_of(x.shape());
  const size_t bytes = x.element_bytes();
  std::byte* to = y.data();
  for (Walk<1> at(y.shape(), {Strides(strides.size(), 0)}); at.more(); at.next(), to += bytes) {
    int64_t offset = 0;
    for (size_t d = 0; d < strides.size(); ++d) {
      const Taps& tap = taps[d][static_cast<size_t>(at.index()[d])];
      if (!tap.empty()) offset += tap[0].index * strides[d];
    }
    std::memcpy(to, x.data() + static_cast<size_t>(offset) * bytes, bytes);
  }
}

/// Puts extrapolation_value where a dimension has no taps.
void extrapolate(const Call& call, const std::vector<std::vector<Taps>>& taps, Tensor& y) {
  const double value = call.float_or("extrapolation_value", 0);
  call.dispatch(y.dtype(), Numbers{}, [&]<typename T>() {
    T* to = y.values<T>();
    for (Walk<1> at(y.shape(), {Strides(taps.size(), 0)}); at.more(); at.next(), ++to) {
      for (size_t d = 0; d < taps.size(); ++d) {
        if (taps[d][static_cast<size_t>(at.index()[d])].empty()) *to = float_to<T>(value);
      }
    }
  });
}

void resize_with(Call& call, const Sampler& sampler, const std::vector<Axis>& axes) {
  const Tensor& x = call.input(0);
  Shape shape;
  for (const Axis& axis : axes) shape.push_back(axis.out);
  Tensor& y = call.output(0, x.dtype(), shape);
  if (y.size() == 0) return;
  if (x.size() == 0) call.fail("there is nothing to resize");
  std::vector<std::vector<Taps>> taps(axes.size());
  for (size_t d = 0; d < axes.size(); ++d) {
    const bool is_same =
        axes[d].scale == 1 && axes[d].out == axes[d].in && axes[d].start == 0 && axes[d].end == 1;
    for (int64_t i = 0; i < axes[d].out; ++i) {
      taps[d].push_back(is_same ? Taps{{i, 1}} : sampler.taps(call, axes[d], i));
    }
  }
  if (sampler.is_nearest()) {
    copy_nearest(x, taps, y);
  } else {
    if (!is_among(x.dtype(), Numbers{})) call.unsupported(x.dtype());
    Tensor now = call.as(0, DType::kDouble);
    for (size_t d = 0; d < axes.size(); ++d) now = resample(call, now, d, taps[d]);
    convert(call, now, y);
  }
  if (sampler.is_cropping()) extrapolate(call, taps, y);
}

}  // namespace

/// Operator set 10 has the scales alone, and takes the nearest element before.
void resize(Call& call) {
  const bool is_old = call.opset() < 11;
  const Sampler sampler(call, is_old);
  resize_with(call, sampler, read_axes(call, is_old ? 1 : 2, sampler.is_cropping()));
}

}  // namespace xpuruntime::reference
