// SPDX-License-Identifier: Apache-2.0
// Separable resampling: columns first, then rows, each pixel a weighted mean of those below the
// filter, which is as wide as the pixel where the picture becomes smaller. The weights are
// fixed-point numbers and the pixels between the two passes bytes, since that is how Pillow rounds.
#include "toolkit/resample.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace xpuruntime::toolkit {
namespace {

constexpr int kFractionBits = 22;
constexpr int32_t kHalf = 1 << (kFractionBits - 1);

double triangle(double x) { return std::max(0.0, 1 - std::abs(x)); }

/// R. Keys, Cubic convolution interpolation for digital image processing, 1981, with a = -0.5.
double keys(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/// What each pixel of a line is made of: `count[i]` weights from pixel `first[i]` on.
struct Weights {
  int64_t stride;
  std::vector<int64_t> first{};
  std::vector<int64_t> count{};
  std::vector<int32_t> values{};  ///< `stride` for each pixel

  const int32_t* of(size_t i) const {
    return values.data() + static_cast<std::ptrdiff_t>(i) * stride;
  }
  int64_t begin() const { return first.front(); }
  int64_t end() const { return first.back() + count.back(); }
};

/// For pixels [begin, begin + size) of a line of `from` pixels resized to `to`.
Weights weights(int64_t from, int64_t to, int64_t begin, int64_t size, ResizeFilter filter) {
  double (*const curve)(double) = filter == ResizeFilter::kBilinear ? triangle : keys;
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double widened = std::max(scale, 1.0), narrowed = 1 / widened;
  const double reach = (filter == ResizeFilter::kBilinear ? 1 : 2) * widened;
  Weights made{std::min(2 * static_cast<int64_t>(std::ceil(reach)) + 1, from)};
  made.values.resize(static_cast<size_t>(size * made.stride));
  std::vector<double> exact(static_cast<size_t>(made.stride));
  for (int64_t i = 0; i < size; ++i) {
    const double centre = (static_cast<double>(begin + i) + 0.5) * scale;
    const auto first = static_cast<int64_t>(std::max(0.0, std::floor(centre - reach + 0.5)));
    const auto end =
        std::min<int64_t>(from, static_cast<int64_t>(std::floor(centre + reach + 0.5)));
    double sum = 0;
    for (int64_t k = first; k < end; ++k) {
      sum += exact[static_cast<size_t>(k - first)] =
          curve((static_cast<double>(k) - centre + 0.5) * narrowed);
    }
    for (int64_t k = 0; k < end - first; ++k) {
      made.values[static_cast<size_t>(i * made.stride + k)] = static_cast<int32_t>(
          std::lround(exact[static_cast<size_t>(k)] / sum * (1 << kFractionBits)));
    }
    made.first.push_back(first);
    made.count.push_back(end - first);
  }
  return made;
}

uint8_t rounded(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

template <int kChannels>
void resample_line(const uint8_t* line, const Weights& columns, uint8_t* to) {
  for (size_t x = 0; x < columns.first.size(); ++x, to += kChannels) {
    const int32_t* const weight = columns.of(x);
    const uint8_t* from = line + columns.first[x] * kChannels;
    int32_t sums[kChannels];
    std::fill_n(sums, kChannels, kHalf);
    for (int64_t k = 0; k < columns.count[x]; ++k, from += kChannels) {
      for (int c = 0; c < kChannels; ++c) sums[c] += from[c] * weight[k];
    }
    for (int c = 0; c < kChannels; ++c) to[c] = rounded(sums[c]);
  }
}

/// Rows [first, end) of the picture with its columns resampled: [end - first, width, channels].
Tensor resample_columns(const PixelView& image, const Weights& columns, int64_t first,
                        int64_t end) {
  const auto width = static_cast<int64_t>(columns.first.size());
  check_image_size("image: between its two resizes", end - first, width);
  Tensor lines(DType::kUInt8, {end - first, width, image.channels});
  uint8_t* to = lines.mutable_values<uint8_t>().data();
  for (int64_t y = first; y < end; ++y, to += width * image.channels) {
    const uint8_t* const line = image.data + y * image.width * image.channels;
    image.channels == 1 ? resample_line<1>(line, columns, to) : resample_line<3>(line, columns, to);
  }
  return lines;
}

/// `lines` begin at row `offset` of the picture; each has `bytes`.
void resample_rows(const uint8_t* lines, int64_t bytes, int64_t offset, const Weights& rows,
                   uint8_t* to) {
  std::vector<int32_t> sums(static_cast<size_t>(bytes));
  for (size_t y = 0; y < rows.first.size(); ++y, to += bytes) {
    std::ranges::fill(sums, kHalf);
    const uint8_t* line = lines + (rows.first[y] - offset) * bytes;
    for (int64_t k = 0; k < rows.count[y]; ++k, line += bytes) {
      const int32_t weight = rows.of(y)[k];
      for (size_t i = 0; i < sums.size(); ++i) sums[i] += line[i] * weight;
    }
    std::ranges::transform(sums, to, rounded);
  }
}

}  // namespace

Tensor resample(const PixelView& image, int64_t height, int64_t width, const PixelWindow& window,
                ResizeFilter filter) {
  check_image_size("image: what is left of it", window.height, window.width);
  const Weights columns = weights(image.width, width, window.left, window.width, filter);
  const Weights rows = weights(image.height, height, window.top, window.height, filter);
  const Tensor lines = resample_columns(image, columns, rows.begin(), rows.end());
  Tensor resized(DType::kUInt8, {window.height, window.width, image.channels});
  resample_rows(lines.values<uint8_t>().data(), window.width * image.channels, rows.begin(), rows,
                resized.mutable_values<uint8_t>().data());
  return resized;
}

}  // namespace xpuruntime::toolkit
