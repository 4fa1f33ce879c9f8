// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace xpuruntime::xpurt {

/// One line on stderr that is written over, and gone in the end; nothing where that is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine();

  bool is_shown() const { return terminal_; }
  void show(const std::string& text);
  /// "title [####....]  40 % note"; `fraction` is 0..1.
  void show(const std::string& title, double fraction, const std::string& note = "");

 private:
  const bool terminal_;
};

}  // namespace xpuruntime::xpurt
