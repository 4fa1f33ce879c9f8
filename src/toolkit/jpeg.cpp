// SPDX-License-Identifier: Apache-2.0
#include <turbojpeg.h>

#include <memory>
#include <type_traits>

#include "toolkit/image_formats.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

// What libjpeg-turbo would only warn of (a file that is cut off) is an error, and a file of
// thousands of scans, which take a decoder minutes, is too.
constexpr int kFlags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;

using Decoder = std::unique_ptr<std::remove_pointer_t<tjhandle>, decltype(&tjDestroy)>;

/// Inks are stored inverted, as Adobe's programs write them and all others read them.
void rgb_from_inks(const uint8_t* cmyk, size_t pixels, uint8_t* rgb) {
  for (size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>((cmyk[c] * cmyk[3] + 127) / 255);
  }
}

}  // namespace

Tensor decode_jpeg(std::span<const std::byte> file, const std::string& name) {
  const Decoder decoder(tjInitDecompress(), &tjDestroy);
  if (!decoder) throw OutOfMemoryError(name + ": no memory to read a JPEG");
  const auto check = [&](int status) {
    if (status == 0) return;
    throw InvalidArgumentError(name + ": a JPEG that is damaged or cut off, or of a kind that " +
                               "libjpeg-turbo does not read: " + tjGetErrorStr2(decoder.get()));
  };
  const auto* const bytes = reinterpret_cast<const unsigned char*>(file.data());
  int width = 0, height = 0, subsampling = 0, color = 0;
  check(tjDecompressHeader3(decoder.get(), bytes, file.size(), &width, &height, &subsampling,
                            &color));
  check_image_size(name, height, width);
  const auto decode = [&](Tensor& into, int format) {
    check(tjDecompress2(decoder.get(), bytes, file.size(),
                        static_cast<unsigned char*>(into.mutable_data()), width, 0, height, format,
                        kFlags));
  };
  Tensor image(DType::kUInt8, {height, width, 3});
  if (color != TJCS_CMYK && color != TJCS_YCCK) {
    decode(image, TJPF_RGB);
    return image;
  }
  Tensor inks(DType::kUInt8, {height, width, 4});
  decode(inks, TJPF_CMYK);
  rgb_from_inks(inks.values<uint8_t>().data(), inks.byte_size() / 4,
                image.mutable_values<uint8_t>().data());
  return image;
}

}  // namespace xpuruntime::toolkit
