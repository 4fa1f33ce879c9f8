// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "toolkit/image_formats.h"
#include "xpuruntime/toolkit/preprocessing.h"

namespace xpuruntime::toolkit {

/// A part of a picture, in pixels.
struct PixelWindow {
  int64_t top;
  int64_t left;
  int64_t height;
  int64_t width;
};

/// That window of the picture resized to `height` x `width`; no other pixel is computed. Gives
/// uint8 [window.height, window.width, channels], the same bits as Pillow's Image.resize().
/// Throws OutOfMemoryError; InvalidArgumentError where one side grows and the other shrinks so
/// much that what lies between is too large.
Tensor resample(const PixelView& image, int64_t height, int64_t width, const PixelWindow& window,
                ResizeFilter filter);

}  // namespace xpuruntime::toolkit
