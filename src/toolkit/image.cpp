// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/image.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "toolkit/atomic_file.h"
#include "toolkit/byte_source.h"
#include "toolkit/file_extension.h"
#include "toolkit/image_formats.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

constexpr std::array<std::string_view, 3> kExtensions{".jpg", ".jpeg", ".png"};
constexpr uint64_t kMaxFileBytes = uint64_t{1} << 29;
// ISO/IEC 10918-1 B.1.1.3 (start of image, then a marker), ISO/IEC 15948 5.2.
constexpr std::string_view kJpegBegin = "\xff\xd8\xff";
constexpr std::string_view kPngBegin = "\x89PNG\r\n\x1a\n";

bool begins_with(std::span<const std::byte> file, std::string_view begin) {
  return std::string_view(reinterpret_cast<const char*>(file.data()), file.size())
      .starts_with(begin);
}

}  // namespace

void check_image_size(const std::string& what, int64_t height, int64_t width) {
  if (height >= 1 && width >= 1 && height <= kMaxImageSide && width <= kMaxImageSide &&
      height * width <= kMaxImagePixels) {
    return;
  }
  throw InvalidArgumentError(what + ": expected sides of 1 to " + std::to_string(kMaxImageSide) +
                             " and at most " + std::to_string(kMaxImagePixels) + " pixels, got " +
                             std::to_string(width) + " x " + std::to_string(height));
}

PixelView view_image(const Tensor& image) {
  const Shape& shape = image.shape();
  const bool has_rank = shape.rank() == 2 || shape.rank() == 3;
  const int64_t channels = shape.rank() == 3 ? shape[2] : 1;
  if (!image || image.dtype() != DType::kUInt8 || !has_rank || (channels != 1 && channels != 3)) {
    throw InvalidArgumentError(
        "image: expected uint8 [height, width, 3], [height, width, 1] or [height, width], got " +
        (image ? to_string(image) : "no tensor"));
  }
  check_image_size("image", shape[0], shape[1]);
  return {static_cast<const uint8_t*>(image.data()), shape[0], shape[1], channels};
}

Tensor decode_image(std::span<const std::byte> file, const std::string& name) {
  if (begins_with(file, kJpegBegin)) return decode_jpeg(file, name);
  if (begins_with(file, kPngBegin)) return decode_png(file, name);
  throw InvalidArgumentError(name + ": expected a JPEG or PNG file, got " +
                             (file.empty() ? "an empty one" : "one that begins otherwise"));
}

Tensor read_image(const std::filesystem::path& path) {
  const ByteSource source = open_file(path);
  if (source.size > kMaxFileBytes) {
    throw InvalidArgumentError(source.label + ": expected a picture of at most " +
                               std::to_string(kMaxFileBytes) + " bytes, got " +
                               std::to_string(source.size));
  }
  std::vector<std::byte> file(source.size);
  source.read(file.data(), file.size());
  return decode_image(file, source.label);
}

void write_png(const std::filesystem::path& path, const Tensor& image) {
  const std::vector<std::byte> file = encode_png(view_image(image));
  write_file_atomically(path, {file});
}

bool is_image_path(const std::filesystem::path& path) {
  return std::ranges::find(kExtensions, extension_of(path)) != kExtensions.end();
}

}  // namespace xpuruntime::toolkit
