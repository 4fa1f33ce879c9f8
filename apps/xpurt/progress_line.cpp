// SPDX-License-Identifier: Apache-2.0
#include "progress_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "toolkit/terminal.h"

namespace xpuruntime::xpurt {

ProgressLine::ProgressLine() : terminal_(toolkit::is_terminal(stderr)) {}

ProgressLine::~ProgressLine() { show(""); }

void ProgressLine::show(const std::string& text) {
  if (!terminal_) return;
  std::fputs(("\r\x1b[K" + text).c_str(), stderr);
}

void ProgressLine::show(const std::string& title, double fraction, const std::string& note) {
  constexpr size_t kWidth = 30;
  const auto done = static_cast<size_t>(std::clamp(fraction, 0.0, 1.0) * kWidth);
  show(fmt::format("{} [{}{}] {:3.0f} %{}", title, std::string(done, '#'),
                   std::string(kWidth - done, '.'), fraction * 100, note));
}

}  // namespace xpuruntime::xpurt
