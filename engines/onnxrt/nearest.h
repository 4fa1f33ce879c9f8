// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace xpuruntime::onnxrt {

/// " Did you mean 'x'?" with the one of `names` that is nearest to `written`; empty when none is
/// near.
std::string did_you_mean(std::string_view written, std::span<const std::string_view> names);

}  // namespace xpuruntime::onnxrt
