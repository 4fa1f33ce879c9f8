// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include "library.h"

namespace xpuruntime::onnxrt {

/// The one environment of the process, made on the first call and never released. Its log goes to
/// the host's. Thread-safe.
OrtEnv* environment();

/// The severity from which ONNX Runtime's messages would be kept by the host.
OrtLoggingLevel host_severity();

}  // namespace xpuruntime::onnxrt
