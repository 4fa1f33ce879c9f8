// SPDX-License-Identifier: Apache-2.0
#include "toolkit/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace xpuruntime::toolkit {

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

Style Style::of(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org
  const char* term = std::getenv("TERM");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool able = term != nullptr && std::string_view(term) != "dumb";
  return Style(wanted && able && is_terminal(stream));
}

std::string Style::wrap(const char* code, const std::string& text) const {
  return colours_ ? std::string("\x1b[") + code + "m" + text + "\x1b[0m" : text;
}

size_t terminal_width(std::FILE* stream) {
  winsize size{};
  if (!is_terminal(stream) || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return 80;
  }
  return std::min<size_t>(size.ws_col, 120);
}

size_t display_width(const std::string& text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
    } else if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
      ++width;
    }
  }
  return width;
}

}  // namespace xpuruntime::toolkit
