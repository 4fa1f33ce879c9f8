// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <onnxruntime_c_api.h>

#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// An execution provider of ONNX Runtime that this engine can add to a session.
struct Provider {
  std::string_view name;  ///< as in the option `providers`, and the prefix of its own options
  std::string_view library_name;  ///< as ONNX Runtime lists it
  int32_t device_type;
};

/// Of the option workspace_size: 1 GiB.
inline constexpr const char* kDefaultWorkspace = "1073741824";

/// Those that the opened library was built with, by its own names.
std::vector<std::string> available_providers();

/// The devices that the opened library can use on this machine, the best first.
std::vector<xpurt_device> usable_devices();

/// The providers of a session, in the order of preference: those of the option `providers`, else
/// the one of the device. Throws XPURT_UNAVAILABLE for one that the library was built without,
/// XPURT_INVALID_ARGUMENT for a list that contradicts the device or for options of a provider that
/// is not in it.
std::vector<const Provider*> choose_providers(const engine::LoadArgs& args);

/// Adds `provider` with its options (`cuda.*` and the like) to a session's.
void append_provider(OrtSessionOptions* session, const Provider& provider,
                     const engine::LoadArgs& args);

std::string to_string(xpurt_device device);

}  // namespace xpuruntime::onnxrt
