// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include <string>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// What ONNX Runtime says went wrong.
struct Problem {
  OrtErrorCode code = ORT_OK;
  std::string text;
};

/// Reads and releases `status`, which is not null.
Problem take(OrtStatus* status);

/// The failure of the error table that a problem is: in a call that has no more specific meaning,
/// and while a model is loaded, when nearly all that fails is the model's fault.
engine::Failure failure_of(const Problem& problem);
engine::Failure load_failure_of(const Problem& problem, const std::string& where);

/// Throws what `status` says, and releases it; null is success.
inline void check(OrtStatus* status) {
  if (status != nullptr) throw failure_of(take(status));
}

}  // namespace xpuruntime::onnxrt
