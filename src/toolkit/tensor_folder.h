// SPDX-License-Identifier: Apache-2.0
/// Folders of tensors. Reading throws InvalidArgumentError: the folder or a file in it cannot be
/// read.
#pragma once

#include <filesystem>
#include <string>

#include "xpuruntime/named_tensors.h"

namespace xpuruntime::toolkit {

/// The tensors of `start`0.pb, `start`1.pb, ... in that order, as ONNX's test data has them, under
/// the names that they give or else their files' stems. Empty: there is no such file.
NamedTensors read_numbered(const std::filesystem::path& folder, const std::string& start);

/// The tensors of NAME.npy files by NAME. Empty: there is no such file.
NamedTensors read_arrays(const std::filesystem::path& folder);

/// What the tensor in a .pb file is called; the file's stem, where it has no name.
std::string name_in_pb(const std::filesystem::path& path);

}  // namespace xpuruntime::toolkit
