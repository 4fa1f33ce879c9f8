// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "xpuruntime/toolkit/preprocessing.h"

namespace xpuruntime::toolkit {

inline int64_t channels_of(PixelColor color) { return color == PixelColor::kGrey ? 1 : 3; }

/// Throws InvalidArgumentError for values that make no sense, whatever the picture.
void check_preprocessing(const Preprocessing& preprocessing);

}  // namespace xpuruntime::toolkit
