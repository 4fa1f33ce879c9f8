// SPDX-License-Identifier: Apache-2.0
#include "section_text.h"

#include "toolkit/terminal.h"

namespace xpuruntime::xpurt {
namespace {

constexpr size_t kIndent = 2;

}  // namespace

std::string section_text(const char* title, const toolkit::TextTable& table,
                         const toolkit::Style& style) {
  return "\n" + style.bold(title) + "\n" +
         table.text(toolkit::terminal_width(stdout), style, kIndent);
}

std::string values_text(const char* title,
                        const std::vector<std::pair<std::string, std::string>>& values,
                        const toolkit::Style& style) {
  toolkit::TextTable table({toolkit::Align::kLeft, toolkit::Align::kLeft});
  for (const auto& [name, type] : values) {
    table.add_row({toolkit::printable(name), toolkit::printable(type)});
  }
  if (values.empty()) table.add_row({"none"});
  return section_text(title, table, style);
}

}  // namespace xpuruntime::xpurt
