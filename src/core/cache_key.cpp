// SPDX-License-Identifier: Apache-2.0
#include "cache_key.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "host.h"
#include "mapped_file.h"
#include "model_files.h"
#include "sha256.h"

namespace xpuruntime {
namespace {

using Json = nlohmann::json;  // whose objects are in the order of their keys

/// Without the dot, in lower case; of bytes, what the engine reads first.
std::string format_of(const LoadedEngine& engine, const ModelSource& source) {
  if (source.path.empty()) {
    return engine.status().formats.empty() ? "" : engine.status().formats.front();
  }
  std::string extension = source.path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension.empty() ? "" : extension.substr(1);
}

std::string fingerprint_of(const LoadedEngine& engine, const LoadRequest& request) {
  std::string text;
  const xpurt_writer writer{sizeof(xpurt_writer), &text,
                            [](void* self, const void* bytes, uint64_t count, xpurt_error*) {
                              static_cast<std::string*>(self)->append(
                                  static_cast<const char*>(bytes), static_cast<size_t>(count));
                              return xpurt_status{XPURT_OK};
                            }};
  const LoadCall call(request);
  xpurt_error error;
  const xpurt_engine& table = engine.table();
  const xpurt_status status = table.fingerprint(table.self, call.args(), &writer, &error);
  if (status != XPURT_OK) throw_failure(error, status, "engine " + engine.status().name);
  return text;
}

Json of_bytes(std::span<const std::byte> bytes) {
  return {{"bytes", bytes.size()}, {"sha256", sha256_of(bytes)}};
}

}  // namespace

CacheKey cache_key_of(const LoadedEngine& engine, const LoadRequest& request) {
  const ModelSource& source = request.source;
  std::optional<MappedFile> file;
  if (!source.path.empty()) file.emplace(source.path);
  const auto model = file ? file->bytes() : source.bytes;
  const std::string format = format_of(engine, source);
  Json files = Json::object();
  for (const std::string& name : files_beside(format, source.path, model)) {
    files[name] = of_bytes(MappedFile(std::filesystem::path(source.base_folder) / name).bytes());
  }
  Json shapes = Json::object();
  for (const auto& [input, shape] : request.config.shapes) shapes[input] = shape.dims();
  const EngineStatus& status = engine.status();
  const Json parts{
      {"abi", std::to_string(XPURT_ABI_MAJOR) + "." + std::to_string(XPURT_ABI_MINOR)},
      {"device", to_string(request.device)},
      {"engine", status.name},
      {"engine_version", status.version},
      {"adapter_version", status.adapter_version},
      {"extra_outputs", request.config.extra_outputs},
      {"files", std::move(files)},
      {"fingerprint", fingerprint_of(engine, request)},
      {"format", format},
      {"model", of_bytes(model)},
      {"options", request.options},
      {"shapes", std::move(shapes)},
      {"threads", request.threads},
  };
  CacheKey key;
  key.parts = parts.dump(-1, ' ', true, Json::error_handler_t::replace);
  key.hash = sha256_of(std::as_bytes(std::span(key.parts)));
  return key;
}

}  // namespace xpuruntime
