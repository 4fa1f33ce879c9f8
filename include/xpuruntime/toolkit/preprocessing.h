// SPDX-License-Identifier: Apache-2.0
/// From pictures to what a model takes, and back. Link xpuruntime::toolkit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/dtype.h"
#include "xpuruntime/export.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

enum class PixelColor : int32_t { kRgb = 0, kBgr = 1, kGrey = 2 };
enum class PixelLayout : int32_t { kNchw = 0, kNhwc = 1 };
/// Both average over all pixels that one covers when they make a picture smaller.
enum class ResizeFilter : int32_t { kBilinear = 0, kBicubic = 1 };

/// How pictures become the input of a model, in the order of the members. As it is made: the whole
/// picture, RGB, from 0 to 1, float32 [1, 3, height, width]. Pixels are those of Pillow, bit for
/// bit, so that a model sees what it was trained on.
struct Preprocessing {
  PixelColor color = PixelColor::kRgb;
  /// {short side}, which keeps the proportions; {height, width}; or nothing.
  std::vector<int64_t> resize{};
  ResizeFilter filter = ResizeFilter::kBilinear;
  std::vector<int64_t> crop{};  ///< of the centre: {side}, {height, width}, or nothing
  /// kFloat32: (pixel * scale - mean) / std; kUInt8: pixels as they are.
  DType dtype = DType::kFloat32;
  double scale = 1.0 / 255;
  std::vector<double> mean{};  ///< for each channel in the order of `color`, or one for all
  std::vector<double> std{};
  PixelLayout layout = PixelLayout::kNchw;

  /// Of classifiers trained on ImageNet: short side 256, crop 224, normalised by its mean and
  /// standard deviation.
  XPURT_API static Preprocessing imagenet();
  bool operator==(const Preprocessing&) const = default;
};

/// "imagenet", or "picture": as it is made. Throws InvalidArgumentError for another name.
XPURT_API Preprocessing preprocessing_preset(std::string_view name);

/// One JSON object with the members' names; colors, filters, layouts and dtypes by their names.
XPURT_API std::string to_json(const Preprocessing& preprocessing);
/// Such an object, or the name of a preset as a JSON string; what an object leaves out is as made,
/// or as in its `preset`. Throws InvalidArgumentError: an unknown name (with the nearest), a value
/// that makes no sense; `where` begins the message.
XPURT_API Preprocessing preprocessing_from_json(std::string_view text,
                                                const std::string& where = "preprocessing");
/// The member `preprocessing` of `<name>_info.json` beside the model; nothing where there is none.
/// Throws InvalidArgumentError as above, also for a file that is no JSON object.
XPURT_API std::optional<Preprocessing> preprocessing_beside(const std::filesystem::path& model);

/// The picture of a JPEG or PNG file: [1, C, H, W] or [1, H, W, C].
/// Throws InvalidArgumentError: as read_image(), or `preprocessing` makes no sense (a crop larger
/// than the picture); OutOfMemoryError.
XPURT_API Tensor preprocess_image(const std::filesystem::path& path,
                                  const Preprocessing& preprocessing = Preprocessing::imagenet());
/// The same of a file's bytes.
XPURT_API Tensor preprocess_image(std::span<const std::byte> file,
                                  const Preprocessing& preprocessing = Preprocessing::imagenet());
/// The same of a picture: uint8 [height, width, 3] as RGB, [height, width, 1] or [height, width] as
/// grey.
XPURT_API Tensor preprocess_image(const Tensor& image,
                                  const Preprocessing& preprocessing = Preprocessing::imagenet());

/// The way back, for models that give pictures: layout, normalisation, scale and order of colors of
/// one tensor, [1, C, H, W] or [1, H, W, C] with C 3 or 1, float32 or uint8, are undone; values are
/// rounded, and cut off at 0 and 255, NaN becomes 0. Gives uint8 [height, width, C], RGB or grey.
/// Throws InvalidArgumentError for what is no picture.
XPURT_API Tensor image_of(const Tensor& tensor, const Preprocessing& preprocessing);

}  // namespace xpuruntime::toolkit
