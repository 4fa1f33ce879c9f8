// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::openvino {

/// Opens OpenVINO's library, then the engine's in the plug-in's `folder`, which is linked to it,
/// and returns that one's query function. Neither is ever closed. Throws XPURT_ENGINE_NOT_INSTALLED
/// with all places that were tried, and what to install.
xpurt_plugin_query_fn open_engine(const std::filesystem::path& folder);

}  // namespace xpuruntime::openvino
