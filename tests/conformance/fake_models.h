// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine_under_test.h"

namespace xpuruntime::conformance {

/// The fake engine with models for every feature, in this process.
EngineUnderTest fake_under_test(std::vector<std::pair<std::string, std::string>> options);

}  // namespace xpuruntime::conformance
