// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "xpuruntime/toolkit/agreement.h"

namespace xpuruntime::xpurt {

/// --policy, or --rtol and --atol: what agrees.
struct ToleranceOptions {
  std::string policy = "strict";
  std::optional<double> relative;
  std::optional<double> absolute;

  /// `needed`: the option without which they say nothing; null: there is none.
  void add_to(CLI::App& command, CLI::Option* needed = nullptr);
  toolkit::Tolerance tolerance() const;
  bool operator==(const ToleranceOptions&) const = default;
};

}  // namespace xpuruntime::xpurt
