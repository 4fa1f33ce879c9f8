// SPDX-License-Identifier: Apache-2.0
/// Functions that ONNX Runtime has since API version 24 and the headers of Debian do not. OrtApi is
/// a table that is only appended to, so a library of version 1.24 or newer has them at the places
/// below, counted from the last slot that the headers know.
#pragma once

#include <onnxruntime_c_api.h>

#include <cstddef>

#include "library.h"

namespace xpuruntime::onnxrt::api_24 {

/// The session option without which there is no graph assignment to ask for.
inline constexpr const char* kRecordAssignment = "session.record_ep_graph_assignment_info";

inline constexpr size_t kLastOfApi20 = offsetof(OrtApi, SetEpDynamicOptions) / sizeof(void*);
static_assert(kLastOfApi20 == 284, "the table of functions is only appended to");

/// Their places in the table.
enum class Slot : size_t {
  kTensorTypeAndShapeHasShape = kLastOfApi20 + 106,
  kSessionGetEpGraphAssignmentInfo = kLastOfApi20 + 123,
  kEpAssignedSubgraphGetEpName = kLastOfApi20 + 124,
  kEpAssignedSubgraphGetNodes = kLastOfApi20 + 125,
  kRunOptionsEnableProfiling = kLastOfApi20 + 131,  // since 25
};

// The classes behind these pointers have no name in older headers.
using Subgraph = void;
using Node = void;

/// false: the rank is not known. (Older libraries say rank 0.)
using HasShape = bool(ORT_API_CALL*)(const OrtTensorTypeAndShapeInfo*) noexcept;
/// The subgraphs that execution providers took; they live as long as the session.
using GetAssignment = OrtStatusPtr(ORT_API_CALL*)(const OrtSession*, const Subgraph* const** list,
                                                  size_t* count) noexcept;
using GetEpName = OrtStatusPtr(ORT_API_CALL*)(const Subgraph*, const char** name) noexcept;
using GetNodes = OrtStatusPtr(ORT_API_CALL*)(const Subgraph*, const Node* const** list,
                                             size_t* count) noexcept;

/// Runs with these options write their profile to a new file whose name begins with `prefix`.
using EnableRunProfiling = OrtStatusPtr(ORT_API_CALL*)(OrtRunOptions*, const char* prefix) noexcept;

inline bool is_available() { return library().minor >= 24; }

/// The function at `slot`. Only where is_available().
template <typename Function>
Function function(Slot slot) {
  const auto* const table = reinterpret_cast<const Function*>(&ort());
  return table[static_cast<size_t>(slot)];
}

}  // namespace xpuruntime::onnxrt::api_24
