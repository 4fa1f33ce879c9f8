// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

namespace xpuruntime::toolkit {

/// How text looks on a stream: with colours on a terminal (unless NO_COLOR is set, or TERM is
/// "dumb"), plain everywhere else.
class Style {
 public:
  static Style of(std::FILE* stream);
  explicit Style(bool colours = false) : colours_(colours) {}

  bool colours() const { return colours_; }
  std::string bold(const std::string& text) const { return wrap("1", text); }
  std::string dim(const std::string& text) const { return wrap("2", text); }
  std::string red(const std::string& text) const { return wrap("31", text); }
  std::string green(const std::string& text) const { return wrap("32", text); }
  std::string yellow(const std::string& text) const { return wrap("33", text); }

 private:
  std::string wrap(const char* code, const std::string& text) const;

  bool colours_;
};

bool is_terminal(std::FILE* stream);
/// Columns of the terminal behind `stream`, at most 120; 80 where there is none.
size_t terminal_width(std::FILE* stream);
/// Columns that `text` takes: characters of UTF-8, without the codes of a Style.
size_t display_width(const std::string& text);

}  // namespace xpuruntime::toolkit
