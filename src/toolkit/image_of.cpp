// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "toolkit/image_formats.h"
#include "toolkit/preprocessing.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

uint8_t pixel_of(double value) {
  return std::isnan(value) ? 0 : static_cast<uint8_t>(std::clamp(std::round(value), 0.0, 255.0));
}

double of_channel(const std::vector<double>& values, int64_t channel, double otherwise) {
  return values.empty() ? otherwise : values[values.size() == 1 ? 0 : static_cast<size_t>(channel)];
}

/// Values of a picture in one layout or the other.
struct Planes {
  int64_t height;
  int64_t width;
  int64_t channels;
  bool apart;  ///< a channel after the other
};

Planes planes_of(const Tensor& tensor, PixelLayout layout) {
  const Shape& shape = tensor.shape();
  const bool apart = layout == PixelLayout::kNchw;
  if (tensor && shape.rank() == 4 && shape[0] == 1 &&
      (tensor.dtype() == DType::kFloat32 || tensor.dtype() == DType::kUInt8)) {
    const Planes planes = apart ? Planes{shape[2], shape[3], shape[1], true}
                                : Planes{shape[1], shape[2], shape[3], false};
    if (planes.channels == 1 || planes.channels == 3) {
      check_image_size("a picture of " + to_string(tensor), planes.height, planes.width);
      return planes;
    }
  }
  throw InvalidArgumentError(
      "expected a picture, float32 or uint8 " +
      std::string(apart ? "[1, C, height, width]" : "[1, height, width, C]") +
      " with C 3 or 1, got " + (tensor ? to_string(tensor) : "no tensor"));
}

template <typename T, typename Undo>
Tensor unpack(const Tensor& tensor, const Planes& planes, bool bgr, Undo&& undo) {
  Tensor image(DType::kUInt8, {planes.height, planes.width, planes.channels});
  const T* const values = tensor.values<T>().data();
  uint8_t* const pixels = image.mutable_values<uint8_t>().data();
  const int64_t count = planes.height * planes.width;
  for (int64_t c = 0; c < planes.channels; ++c) {
    const T* const from = values + (planes.apart ? c * count : c);
    uint8_t* const to = pixels + (bgr && planes.channels == 3 ? 2 - c : c);
    const int64_t step = planes.apart ? 1 : planes.channels;
    for (int64_t i = 0; i < count; ++i) to[i * planes.channels] = undo(c, from[i * step]);
  }
  return image;
}

}  // namespace

Tensor image_of(const Tensor& tensor, const Preprocessing& preprocessing) {
  check_preprocessing(preprocessing);
  const Planes planes = planes_of(tensor, preprocessing.layout);
  const bool bgr = preprocessing.color == PixelColor::kBgr;
  if (tensor.dtype() == DType::kUInt8) {
    return unpack<uint8_t>(tensor, planes, bgr, [](int64_t, uint8_t pixel) { return pixel; });
  }
  if (planes.channels != channels_of(preprocessing.color) &&
      std::max(preprocessing.mean.size(), preprocessing.std.size()) > 1) {
    throw InvalidArgumentError("mean and std are for " +
                               std::to_string(channels_of(preprocessing.color)) +
                               " channels, and the picture is " + to_string(tensor));
  }
  // Of uint8 models, what they give as float32 counts as pixels too.
  const double scale = preprocessing.dtype == DType::kUInt8 ? 1 : preprocessing.scale;
  return unpack<float>(tensor, planes, bgr, [&](int64_t c, float value) {
    return pixel_of((static_cast<double>(value) * of_channel(preprocessing.std, c, 1) +
                     of_channel(preprocessing.mean, c, 0)) /
                    scale);
  });
}

}  // namespace xpuruntime::toolkit
