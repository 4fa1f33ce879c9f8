// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace xpuruntime::worker {

/// 32 hexadecimal digits that nobody guesses. Throws TransportFailure.
std::string random_token();

}  // namespace xpuruntime::worker
