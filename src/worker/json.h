// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace xpuruntime::worker {

/// How deeply the JSON of a message may be nested: what is written or released deeply nested may
/// take more stack than there is.
inline constexpr int kMaxDepth = 64;

/// Throws BadFrame, also for what is nested deeper.
nlohmann::json parse_json(std::string_view text, int max_depth = kMaxDepth);

}  // namespace xpuruntime::worker
