// SPDX-License-Identifier: Apache-2.0
/// A comparison of native engines with Python: what somebody who has to choose between them asks.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {

constexpr std::array<const char*, 7> kServiceHeader{"service", "candidate", "available", "average",
                                                    "total",   "runs",      "memory"};

/// A row of cells under that header for each candidate, native ones first; none where not both
/// kinds were compared.
std::vector<std::vector<std::string>> service_rows(const CompareReport& report);

/// "native" or "python".
const char* service_name(const Candidate& row);

}  // namespace xpuruntime::toolkit
