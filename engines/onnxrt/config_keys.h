// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace xpuruntime::onnxrt {

/// ONNX Runtime takes any key of a session or run configuration and ignores those that it does not
/// know, so a slip of the pen would go unnoticed. These throw XPURT_UNSUPPORTED_OPERATION with the
/// nearest known key, unless `allow_unknown`, and XPURT_INVALID_ARGUMENT for a key that cannot be
/// used here.
void check_session_key(const std::string& key, bool allow_unknown);
void check_run_key(const std::string& key, bool allow_unknown);

}  // namespace xpuruntime::onnxrt
