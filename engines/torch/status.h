// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// torch's words in one line, without tracebacks and places in its sources.
std::string plain_words(std::string_view text);

/// What the exception in flight is: one of ours as it is, one of torch's by its class and words,
/// and `otherwise` where they tell nothing. `where` begins the text. Call in a catch block only.
[[noreturn]] void rethrow_as_failure(xpurt_status otherwise, const std::string& where);

/// Runs `body`, with what torch throws turned into a Failure.
template <typename Body>
decltype(auto) checked(xpurt_status otherwise, const std::string& where, Body&& body) {
  try {
    return body();
  } catch (...) {
    rethrow_as_failure(otherwise, where);
  }
}

}  // namespace xpuruntime::torch_engine
