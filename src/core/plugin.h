// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime {

/// Folders that plug-ins are looked for in: those of XPURT_ENGINE_PATH, then the install's own.
std::vector<std::filesystem::path> plugin_folders();

/// "libxpuruntime_engine_<name>.so".
std::string plugin_file_name(std::string_view engine);

/// Names of the engines whose plug-ins lie in the folder.
std::vector<std::string> plugins_in(const std::filesystem::path& folder);

/// Loads a plug-in, for good. Throws UnavailableError when it cannot be loaded, is no plug-in, or
/// speaks another major version of the ABI.
xpurt_plugin_query_fn open_plugin(const std::filesystem::path& file);

}  // namespace xpuruntime
