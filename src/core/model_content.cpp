// SPDX-License-Identifier: Apache-2.0
#include "model_content.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "model_files.h"
#include "sha256.h"

namespace xpuruntime {
namespace {

using Json = nlohmann::json;

Json of_bytes(std::span<const std::byte> bytes) {
  return {{"bytes", bytes.size()}, {"block_sha256", block_sha256_of(bytes)}};
}

}  // namespace

Json content_parts(const ModelSource& source, std::string_view format, FileStamps& read) {
  std::optional<MappedFile> file;
  if (!source.path.empty()) {
    file.emplace(source.path);
    read.emplace(source.path, file->stamp());
  }
  const auto model = file ? file->bytes() : source.bytes;
  Json files = Json::object();
  for (const std::string& name : files_beside(format, source.path, model)) {
    const auto path = std::filesystem::path(source.base_folder) / name;
    const MappedFile beside(path);
    read.emplace(path, beside.stamp());
    files[name] = of_bytes(beside.bytes());
  }
  return {{"model", of_bytes(model)}, {"files", std::move(files)}};
}

}  // namespace xpuruntime
