// SPDX-License-Identifier: Apache-2.0
/// What a classifier says. Link xpuruntime::toolkit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "xpuruntime/export.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::toolkit {

struct ClassScore {
  int64_t index;
  double confidence;  ///< 0..1
};

/// The `count` classes with the highest scores, best first, of each row of float scores
/// [..., classes]. Confidence is the softmax over the row, but for rows that are probabilities
/// already (none is negative, and they sum to 1), which are taken as they are. Of equal scores the
/// first goes before. Throws InvalidArgumentError for another tensor, and for NaN or infinity.
XPURT_API std::vector<std::vector<ClassScore>> top_classes(const Tensor& scores, size_t count);

/// Names of classes, one a line. Throws InvalidArgumentError: no such file, or above 16 MiB.
XPURT_API std::vector<std::string> read_labels(const std::filesystem::path& path);

}  // namespace xpuruntime::toolkit
