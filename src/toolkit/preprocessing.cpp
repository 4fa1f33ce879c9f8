// SPDX-License-Identifier: Apache-2.0
#include "toolkit/preprocessing.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "toolkit/resample.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/image.h"

namespace xpuruntime::toolkit {
namespace {

struct Size {
  int64_t height;
  int64_t width;

  bool operator==(const Size&) const = default;
};

std::string text_of(Size size) {
  return std::to_string(size.height) + " x " + std::to_string(size.width) + " (height x width)";
}

/// ITU-R BT.601, in 16 bits as Pillow has it.
Tensor grey_of(const PixelView& image) {
  Tensor grey(DType::kUInt8, {image.height, image.width, 1});
  const uint8_t* rgb = image.data;
  for (uint8_t& pixel : grey.mutable_values<uint8_t>()) {
    pixel = static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
    rgb += 3;
  }
  return grey;
}

/// A short side alone keeps the proportions; the long side is rounded down, as torchvision does.
Size resized(Size from, const std::vector<int64_t>& resize) {
  if (resize.empty()) return from;
  if (resize.size() == 2) return {resize[0], resize[1]};
  const int64_t side = resize[0];
  return from.height <= from.width ? Size{side, side * from.width / from.height}
                                   : Size{side * from.height / from.width, side};
}

PixelWindow cropped(Size size, const std::vector<int64_t>& crop) {
  if (crop.empty()) return {0, 0, size.height, size.width};
  const Size wanted{crop.front(), crop.back()};
  if (wanted.height > size.height || wanted.width > size.width) {
    throw InvalidArgumentError("preprocessing: crop " + text_of(wanted) +
                               " is larger than the picture, which is then " + text_of(size) +
                               "; resize to more");
  }
  // Of an odd rest, the half pixel goes to the even side: round() of Python, and so of torchvision.
  const auto half = [](int64_t rest) { return rest / 2 + (rest % 4 == 3 ? 1 : 0); };
  return {half(size.height - wanted.height), half(size.width - wanted.width), wanted.height,
          wanted.width};
}

double of_channel(const std::vector<double>& values, size_t channel, double otherwise) {
  return values.empty() ? otherwise : values[values.size() == 1 ? 0 : channel];
}

/// Where byte `channel` of each pixel comes from or goes to.
size_t source_channel(const Preprocessing& preprocessing, size_t channel) {
  return preprocessing.color == PixelColor::kBgr ? 2 - channel : channel;
}

/// Puts each channel of `image` where the layout has it, made by `make(channel)` of bytes.
template <typename T, typename Make>
Tensor pack(const PixelView& image, const Preprocessing& preprocessing, Make&& make) {
  const int64_t channels = channels_of(preprocessing.color);
  const bool planes = preprocessing.layout == PixelLayout::kNchw;
  const int64_t pixels = image.height * image.width;
  Tensor packed(kDTypeOf<T>, planes ? Shape{1, channels, image.height, image.width}
                                    : Shape{1, image.height, image.width, channels});
  T* const to = packed.mutable_values<T>().data();
  for (int64_t c = 0; c < channels; ++c) {
    const auto value_of = make(static_cast<size_t>(c));
    const auto source = static_cast<int64_t>(source_channel(preprocessing, static_cast<size_t>(c)));
    const uint8_t* const from = image.data + (image.channels == 1 ? 0 : source);
    T* const begin = planes ? to + c * pixels : to + c;
    const int64_t step = planes ? 1 : channels;
    for (int64_t i = 0; i < pixels; ++i) begin[i * step] = value_of(from[i * image.channels]);
  }
  return packed;
}

Tensor pack(const PixelView& image, const Preprocessing& preprocessing) {
  if (preprocessing.dtype == DType::kUInt8) {
    return pack<uint8_t>(image, preprocessing,
                         [](size_t) { return [](uint8_t pixel) { return pixel; }; });
  }
  return pack<float>(image, preprocessing, [&](size_t channel) {
    std::array<float, 256> table;
    for (size_t pixel = 0; pixel < table.size(); ++pixel) {
      table[pixel] = static_cast<float>((static_cast<double>(pixel) * preprocessing.scale -
                                         of_channel(preprocessing.mean, channel, 0)) /
                                        of_channel(preprocessing.std, channel, 1));
    }
    return [table](uint8_t pixel) { return table[pixel]; };
  });
}

void check_sides(const char* what, const std::vector<int64_t>& sides) {
  const bool possible = sides.size() <= 2 && std::ranges::all_of(sides, [](int64_t side) {
                          return side >= 1 && side <= kMaxImageSide;
                        });
  if (possible) return;
  throw InvalidArgumentError(std::string("preprocessing: ") + what +
                             ": expected nothing, one side or height and width, each of 1 to " +
                             std::to_string(kMaxImageSide));
}

void check_channels(const char* what, const std::vector<double>& values, PixelColor color,
                    bool may_be_zero) {
  const auto channels = static_cast<size_t>(channels_of(color));
  const bool possible = (values.empty() || values.size() == 1 || values.size() == channels) &&
                        std::ranges::all_of(values, [&](double value) {
                          return std::isfinite(value) && (may_be_zero || value != 0);
                        });
  if (possible) return;
  throw InvalidArgumentError(std::string("preprocessing: ") + what + ": expected 1 or " +
                             std::to_string(channels) + " finite numbers" +
                             (may_be_zero ? "" : " other than 0"));
}

}  // namespace

Preprocessing Preprocessing::imagenet() {
  return {
      .resize = {256}, .crop = {224}, .mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}};
}

void check_preprocessing(const Preprocessing& preprocessing) {
  check_sides("resize", preprocessing.resize);
  check_sides("crop", preprocessing.crop);
  check_channels("mean", preprocessing.mean, preprocessing.color, true);
  check_channels("std", preprocessing.std, preprocessing.color, false);
  const double scale = preprocessing.scale;
  if (!std::isfinite(scale) || scale == 0) {
    throw InvalidArgumentError("preprocessing: scale: expected a finite number other than 0");
  }
  if (preprocessing.dtype == DType::kFloat32) return;
  if (preprocessing.dtype != DType::kUInt8) {
    throw InvalidArgumentError(
        std::string("preprocessing: dtype: expected float32 or uint8, got ") +
        std::string(dtype_name(preprocessing.dtype)));
  }
  if (!preprocessing.mean.empty() || !preprocessing.std.empty()) {
    throw InvalidArgumentError("preprocessing: mean and std are for float32, not for uint8");
  }
}

Tensor preprocess_image(const Tensor& image, const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  PixelView view = view_image(image);
  Tensor kept;  // what the view is of
  if (preprocessing.color == PixelColor::kGrey && view.channels == 3) {
    kept = grey_of(view);
    view = view_image(kept);
  }
  const Size from{view.height, view.width}, to = resized(from, preprocessing.resize);
  const PixelWindow window = cropped(to, preprocessing.crop);
  if (!(to == from && Size{window.height, window.width} == from)) {
    kept = resample(view, to.height, to.width, window, preprocessing.filter);
    view = view_image(kept);
  }
  return pack(view, preprocessing);
}

Tensor preprocess_image(const std::filesystem::path& path, const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  return preprocess_image(read_image(path), preprocessing);
}

Tensor preprocess_image(std::span<const std::byte> file, const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  return preprocess_image(decode_image(file), preprocessing);
}

}  // namespace xpuruntime::toolkit
