// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "toolkit/text_table.h"

namespace xpuruntime::xpurt {

/// A blank line, the title, and the table below it.
std::string section_text(const char* title, const toolkit::TextTable& table,
                         const toolkit::Style& style);
/// The same of inputs or outputs: name and type of each, or "none".
std::string values_text(const char* title,
                        const std::vector<std::pair<std::string, std::string>>& values,
                        const toolkit::Style& style);

}  // namespace xpuruntime::xpurt
