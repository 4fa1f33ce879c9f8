// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "digits.h"
#include "toolkit/terminal.h"

namespace digits_demo {

/// The chosen scans side by side in shades of Unicode, each 16 columns wide, with what was read and
/// what it is below.
std::string draw(const Digits& digits, std::span<const Reading> readings,
                 std::span<const size_t> chosen, const xpuruntime::toolkit::Style& style);

}  // namespace digits_demo
