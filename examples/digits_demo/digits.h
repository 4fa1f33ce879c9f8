// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "xpuruntime/tensor.h"

namespace digits_demo {

/// Scans of handwritten digits, and what they are.
struct Digits {
  xpuruntime::Tensor images;  ///< float32 [N, 1, 8, 8], 0 (paper) to 1 (ink)
  xpuruntime::Tensor labels;  ///< int64 [N]

  size_t count() const { return labels.values<int64_t>().size(); }
  /// The 64 pixels of one scan, row by row.
  std::span<const float> pixels(size_t i) const {
    return images.values<float>().subspan(i * 64, 64);
  }
  int64_t label(size_t i) const { return labels.values<int64_t>()[i]; }
};

/// Throws InvalidArgumentError when the file is not one of digits.
Digits load_digits(const std::filesystem::path& npz);

/// What a classifier makes of one scan.
struct Reading {
  int64_t digit = 0;
  double confidence = 0;  ///< softmax of the logits, 0..1
};

/// One reading a row of `logits`, float32 [N, 10].
std::vector<Reading> read_logits(const xpuruntime::Tensor& logits);

size_t count_right(const Digits& digits, std::span<const Reading> readings);

}  // namespace digits_demo
