// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace xpuruntime {

/// The extension of a file without the dot, in lower case; "" where there is none.
std::string format_of(const std::filesystem::path& path);

/// Files that a model reads beside itself, as it names them: the locations of an ONNX model's
/// external data (https://onnx.ai/onnx/repo-docs/ExternalData.html), the weights (.bin) of an
/// OpenVINO one. `format` is the file's extension without the dot; bytes have none, and are looked
/// at. Throws InvalidArgumentError for an ONNX file that cannot be read to its end.
std::set<std::string> files_beside(std::string_view format, const std::filesystem::path& path,
                                   std::span<const std::byte> bytes);

}  // namespace xpuruntime
