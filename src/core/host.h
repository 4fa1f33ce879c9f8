// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "xpuruntime/engine/abi.h"

/// What a failed call over the seam leaves behind: the first failure.
struct xpurt_error {
  xpurt_status code = XPURT_OK;
  int64_t native_code = 0;
  uint32_t flags = 0;
  uint64_t asked = 0;
  uint64_t available = 0;
  std::string text;

  void clear() noexcept {
    code = XPURT_OK;
    native_code = 0;
    flags = 0;
    asked = 0;
    available = 0;
    text.clear();
  }
};

namespace xpuruntime {

/// The table handed to every engine.
const xpurt_host* host_table();

xpurt_status record(xpurt_error* error, xpurt_status code, const std::string& text,
                    uint64_t asked = 0, uint64_t available = 0);

/// Throws the error with its class; `where` goes behind the text ("engine onnxrt, model a.onnx").
[[noreturn]] void throw_failure(const xpurt_error& error, xpurt_status status,
                                const std::string& where);

}  // namespace xpuruntime
