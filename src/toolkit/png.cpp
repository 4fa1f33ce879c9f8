// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include "toolkit/image_formats.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

/// libpng's simplified API, whose errors are words in this struct and no jumps.
struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
};

void drop_alpha(const uint8_t* rgba, size_t pixels, uint8_t* rgb) {
  for (size_t i = 0; i < pixels; ++i, rgba += 4, rgb += 3) {
    rgb[0] = rgba[0];
    rgb[1] = rgba[1];
    rgb[2] = rgba[2];
  }
}

}  // namespace

Tensor decode_png(std::span<const std::byte> file, const std::string& name) {
  PngImage png;
  const auto check = [&](int succeeded) {
    if (succeeded != 0) return;
    throw InvalidArgumentError(name + ": a PNG that is damaged or cut off: " + png.message);
  };
  check(png_image_begin_read_from_memory(&png, file.data(), file.size()));
  check_image_size(name, png.height, png.width);
  const bool has_alpha = (png.format & PNG_FORMAT_FLAG_ALPHA) != 0;
  png.format = has_alpha ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits mean the same as 8, not linear light
  const auto decode = [&](Tensor& into) {
    check(png_image_finish_read(&png, nullptr, into.mutable_data(), 0, nullptr));
  };
  const int64_t height = png.height, width = png.width;
  Tensor image(DType::kUInt8, {height, width, 3});
  if (!has_alpha) {
    decode(image);
    return image;
  }
  Tensor rgba(DType::kUInt8, {height, width, 4});
  decode(rgba);
  drop_alpha(rgba.values<uint8_t>().data(), rgba.byte_size() / 4,
             image.mutable_values<uint8_t>().data());
  return image;
}

std::vector<std::byte> encode_png(const PixelView& image) {
  PngImage png;
  png.height = static_cast<png_uint_32>(image.height);
  png.width = static_cast<png_uint_32>(image.width);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> file(size);
  if (png_image_write_to_memory(&png, file.data(), &size, 0, image.data, 0, nullptr) == 0) {
    throw InternalError(std::string("a picture cannot be written as PNG: ") + png.message);
  }
  file.resize(size);
  return file;
}

}  // namespace xpuruntime::toolkit
