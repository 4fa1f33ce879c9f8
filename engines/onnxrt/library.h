// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include <string>

namespace xpuruntime::onnxrt {

/// ONNX Runtime as it was opened: lives as long as the process and is never closed, because its
/// threads may be in it to the end.
struct Library {
  const OrtApi* api = nullptr;  ///< of ORT_API_VERSION, the version of the headers
  int minor = 0;                ///< "1.31.1" has minor version 31, which is its API version too
  std::string version;          ///< as the library says it itself
  std::string path;
};

/// Opens the library on the first call, with telemetry switched off before it starts. Thread-safe.
/// Throws XPURT_ENGINE_NOT_INSTALLED with all places that were tried; a later call tries again.
const Library& library();

namespace detail {
inline const OrtApi* opened_api = nullptr;
}
/// The API of the opened library. Only after library() has returned.
inline const OrtApi& ort() { return *detail::opened_api; }

}  // namespace xpuruntime::onnxrt
