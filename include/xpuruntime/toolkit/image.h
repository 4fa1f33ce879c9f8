// SPDX-License-Identifier: Apache-2.0
/// Pictures as tensors. Link xpuruntime::toolkit.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "xpuruntime/export.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

/// The picture of a JPEG or PNG file as RGB: uint8 [height, width, 3]. Grey is repeated, 16 bits
/// are scaled to 8, CMYK is converted, alpha is dropped; an orientation in EXIF is not applied.
/// Sides are at most 65,535, with at most 2^27 pixels, which is checked before memory is taken.
/// Files may come from anybody. Throws InvalidArgumentError: no such file, another kind of file,
/// damaged or cut off, too large; OutOfMemoryError.
XPURT_API Tensor read_image(const std::filesystem::path& path);
/// The same of a file's bytes; `name` begins messages.
XPURT_API Tensor decode_image(std::span<const std::byte> file, const std::string& name = "image");

/// Writes uint8 [height, width, 3] (RGB), [height, width, 1] or [height, width] (grey) as a PNG,
/// whole or not at all. Throws InvalidArgumentError (no picture, the folder does not take a file),
/// UnavailableError (disk full).
XPURT_API void write_png(const std::filesystem::path& path, const Tensor& image);

/// Does the name end as that of a file that read_image() reads? .jpg, .jpeg, .png in any case.
XPURT_API bool is_image_path(const std::filesystem::path& path);

}  // namespace xpuruntime::toolkit
