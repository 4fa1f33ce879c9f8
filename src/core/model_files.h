// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace xpuruntime {

/// Files that a model of a format (a file extension without the dot) reads beside itself, as it
/// names them: the locations of an ONNX model's external data
/// (https://onnx.ai/onnx/repo-docs/ExternalData.html), the weights (.bin) of an OpenVINO one.
/// `path` may be empty. Throws InvalidArgumentError for bytes that are no such model.
std::set<std::string> files_beside(std::string_view format, const std::filesystem::path& path,
                                   std::span<const std::byte> bytes);

}  // namespace xpuruntime
