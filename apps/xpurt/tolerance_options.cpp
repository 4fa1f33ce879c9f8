// SPDX-License-Identifier: Apache-2.0
#include "tolerance_options.h"

namespace xpuruntime::xpurt {

void ToleranceOptions::add_to(CLI::App& command, CLI::Option* needed) {
  auto* asked = command
                    .add_option("--policy", policy,
                                "What agrees: exact (bitwise), strict (rtol 1e-3, atol 1e-5) or "
                                "relaxed (1e-2, 1e-3)")
                    ->type_name("POLICY")
                    ->check(CLI::IsMember({"exact", "strict", "relaxed"}))
                    ->capture_default_str();
  if (needed != nullptr) asked->needs(needed);
  const auto add = [&](const char* name, std::optional<double>& value, const char* what) {
    auto* option = command.add_option(name, value, what)
                       ->type_name("X")
                       ->check(CLI::NonNegativeNumber)
                       ->excludes(asked);
    if (needed != nullptr) option->needs(needed);
  };
  add("--rtol", relative, "Relative tolerance, instead of a policy");
  add("--atol", absolute, "Absolute tolerance, instead of a policy");
}

toolkit::Tolerance ToleranceOptions::tolerance() const {
  toolkit::Tolerance tolerance = toolkit::tolerance_of_policy(policy);
  // What is not given of the two stays as in the policy by default.
  if (relative) tolerance.relative = *relative;
  if (absolute) tolerance.absolute = *absolute;
  return tolerance;
}

}  // namespace xpuruntime::xpurt
