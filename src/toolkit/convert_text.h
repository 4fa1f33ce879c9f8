// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "toolkit/terminal.h"
#include "xpuruntime/toolkit/convert.h"

namespace xpuruntime::toolkit {

/// to_text(), with colours where the style has them.
std::string styled_text(const ConvertReport& report, size_t width, const Style& style);

}  // namespace xpuruntime::toolkit
