// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"

namespace xpuruntime::toolkit {

std::vector<std::string> names_of(const NamedTensors& tensors);

/// The place of each of `wanted` in `given`: by name where all of them are there, else, when none
/// of them is and there are as many, in order. None: neither can be done.
std::optional<std::vector<size_t>> match_names(std::span<const std::string> wanted,
                                               std::span<const std::string> given);

/// `inputs` under the names of `infos`, matched as above. `whose` ("model b.onnx") begins messages.
/// Throws InvalidArgumentError: they do not match, or a dtype, rank or dimension does not fit.
NamedTensors match_inputs(std::span<const TensorInfo> infos, const NamedTensors& inputs,
                          const std::string& whose);

}  // namespace xpuruntime::toolkit
