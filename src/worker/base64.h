// SPDX-License-Identifier: Apache-2.0
/// RFC 4648, section 4, with padding.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "channel.h"

namespace xpuruntime::worker {

void append_base64(std::string& to, std::span<const std::byte> bytes);
/// Null for an empty text. Throws BadFrame for what is none.
std::shared_ptr<Block> from_base64(std::string_view text);

}  // namespace xpuruntime::worker
