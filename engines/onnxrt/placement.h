// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include <string>
#include <utility>
#include <vector>

namespace xpuruntime::onnxrt {

/// How many nodes each execution provider took, by ONNX Runtime's names; empty where the library
/// (older than 1.24) or the session's options do not tell.
std::vector<std::pair<std::string, std::string>> placement_of(const OrtSession* session);

}  // namespace xpuruntime::onnxrt
