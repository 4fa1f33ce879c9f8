// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "toolkit/terminal.h"

namespace xpuruntime::toolkit {

enum class Align { kLeft, kRight };

/// Cells in aligned columns, two spaces between them. The last column takes what is left of the
/// width, and wraps between words into lines of its own.
class TextTable {
 public:
  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}

  void set_header(std::vector<std::string> cells) { header_ = std::move(cells); }
  void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  /// Lines of at most `width` columns where words allow, each indented and ended by a newline.
  std::string text(size_t width, const Style& style = Style(), size_t indent = 0) const;

 private:
  std::vector<size_t> widths() const;
  std::string line(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                   size_t width, size_t indent) const;

  std::vector<Align> columns_;
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

/// Breaks `text` between words into lines of at most `width` columns; keeps its own line breaks.
std::vector<std::string> wrap_words(const std::string& text, size_t width);

}  // namespace xpuruntime::toolkit
