// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "load_request.h"
#include "mapped_file.h"

namespace xpuruntime {

using FileStamps = std::map<std::filesystem::path, FileStamp>;

/// "model" and "files" as parts of a key: sizes and hashes of the model and of what it reads beside
/// itself. `read` takes the files, as they were then. `format` as for files_beside(). Throws
/// UnavailableError and ModelNotFoundError (a file that it reads), InvalidArgumentError (it is not
/// known which files it reads).
nlohmann::json content_parts(const ModelSource& source, std::string_view format, FileStamps& read);

}  // namespace xpuruntime
