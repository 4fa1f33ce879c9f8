// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "xpuruntime/toolkit/convert.h"

namespace xpuruntime::toolkit {

/// <name>_info.json beside a model (docs/model_notes.md).
std::filesystem::path notes_beside(const std::filesystem::path& model);

/// The text of those of a result: `info` as the converter gave it, with what `report` found. What
/// `before` (a file, or nothing there) notes besides stays, and so do the conversions to other
/// files of that name. Throws InvalidArgumentError where `before` tells of other inputs or outputs,
/// or cannot be read, and `overwrite` is not set.
std::string merged_notes(const std::string& info, const ConvertReport& report,
                         const std::string& file_name, const std::string& preprocessing,
                         const std::filesystem::path& before, bool overwrite);

/// Copies what `info`, JSON as the converter gave it, says of the export into `report`.
/// Throws ProtocolError.
void read_info(const std::string& info, ConvertReport& report);

}  // namespace xpuruntime::toolkit
