// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

#include "output.h"
#include "toolkit/terminal.h"
#include "toolkit/units.h"

namespace xpuruntime::xpurt {

/// A report of the toolkit (CompareReport, ConvertReport, TuneReport): its JSON, or its text as
/// wide as the terminal, and its warnings on stderr.
template <typename Report>
void print_report(const Report& report, bool json) {
  if (json) {
    print(to_json(report));
    return;
  }
  const auto style = toolkit::Style::of(stdout);
  print(styled_text(report, toolkit::terminal_width(stdout), style));
  for (const auto& warning : report.warnings) print_warning(toolkit::printable(warning));
}

}  // namespace xpuruntime::xpurt
