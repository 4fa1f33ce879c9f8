// SPDX-License-Identifier: Apache-2.0
#include "toolkit/text_table.h"

#include <algorithm>
#include <sstream>

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kLeastWrapWidth = 20;

std::string trim_end(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::vector<std::string> wrap_words(const std::string& text, size_t width) {
  std::vector<std::string> lines;
  std::istringstream paragraphs(text);
  for (std::string paragraph; std::getline(paragraphs, paragraph);) {
    std::string line;
    std::istringstream words(paragraph);
    for (std::string word; words >> word;) {
      if (!line.empty() && display_width(line) + 1 + display_width(word) > width) {
        lines.push_back(std::move(line));
        line.clear();
      }
      line += (line.empty() ? "" : " ") + word;
    }
    lines.push_back(std::move(line));
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::vector<size_t> TextTable::widths() const {
  std::vector<size_t> widths(columns_.size(), 0);
  const auto measure = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(cells[i]));
    }
  };
  measure(header_);
  for (const auto& row : rows_) measure(row);
  return widths;
}

std::string TextTable::line(const std::vector<std::string>& cells,
                            const std::vector<size_t>& widths, size_t width, size_t indent) const {
  std::string start(indent, ' ');
  size_t column = indent;
  for (size_t i = 0; i + 1 < columns_.size(); ++i) {
    const std::string& cell = i < cells.size() ? cells[i] : std::string();
    const std::string padding(widths[i] - display_width(cell), ' ');
    start += columns_[i] == Align::kRight ? padding + cell : cell + padding;
    start += std::string(kGap, ' ');
    column += widths[i] + kGap;
  }
  if (cells.size() < columns_.size()) return trim_end(start) + "\n";

  if (columns_.back() == Align::kRight) {
    return start + std::string(widths.back() - display_width(cells.back()), ' ') + cells.back() +
           "\n";
  }
  const size_t left = std::max(width > column ? width - column : 0, kLeastWrapWidth);
  std::string text;
  for (const auto& part : wrap_words(cells.back(), left)) {
    text += trim_end((text.empty() ? start : std::string(column, ' ')) + part) + "\n";
  }
  return text;
}

std::string TextTable::text(size_t width, const Style& style, size_t indent) const {
  const auto columns = widths();
  std::string result;
  if (!header_.empty()) {
    const std::string header = line(header_, columns, width, indent);
    result += style.bold(header.substr(0, header.size() - 1)) + "\n";
  }
  for (const auto& row : rows_) result += line(row, columns, width, indent);
  return result;
}

}  // namespace xpuruntime::toolkit
