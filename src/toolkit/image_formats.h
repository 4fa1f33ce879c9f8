// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

constexpr int64_t kMaxImageSide = 65'535;
constexpr int64_t kMaxImagePixels = int64_t{1} << 27;

/// Throws InvalidArgumentError for a size that is outside of these; `what` begins the message.
void check_image_size(const std::string& what, int64_t height, int64_t width);

/// A picture in memory of somebody else's: rows of `width` pixels of `channels` (1 or 3) bytes.
struct PixelView {
  const uint8_t* data;
  int64_t height;
  int64_t width;
  int64_t channels;
};

/// Of uint8 [height, width, 3], [height, width, 1] or [height, width], which has to outlive it.
/// Throws InvalidArgumentError for another tensor.
PixelView view_image(const Tensor& image);

/// RGB, uint8 [height, width, 3]; `name` begins messages. They throw as decode_image().
Tensor decode_jpeg(std::span<const std::byte> file, const std::string& name);
Tensor decode_png(std::span<const std::byte> file, const std::string& name);

std::vector<std::byte> encode_png(const PixelView& image);

}  // namespace xpuruntime::toolkit
