// SPDX-License-Identifier: Apache-2.0
/// Words for error messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xpuruntime {

/// "a, b, c", or "none".
std::string join(std::span<const std::string> words);
/// The name with the least edits to `wanted`, or "" when none is near (Levenshtein distance).
std::string nearest(std::string_view wanted, std::span<const std::string> names);
/// "; did you mean 'x'?", or "" when no name is near.
std::string did_you_mean(std::string_view wanted, std::span<const std::string> names);

}  // namespace xpuruntime
