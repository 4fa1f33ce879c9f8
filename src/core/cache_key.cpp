// SPDX-License-Identifier: Apache-2.0
#include "cache_key.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host.h"
#include "model_files.h"
#include "sha256.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using Json = nlohmann::json;  // whose objects are in the order of their keys

/// The file's extension without the dot, in lower case; of bytes "". A format that the engine does
/// not declare may have weights in files that nobody here knows of.
std::string known_format(const LoadedEngine& engine, const ModelSource& source) {
  if (source.path.empty()) return "";
  const std::string format = format_of(source.path);
  const EngineStatus& status = engine.status();
  if (std::ranges::find(status.formats, format) == status.formats.end()) {
    throw InvalidArgumentError("it is not known which files a ." + format + " model of engine " +
                               status.name + " is made of");
  }
  return format;
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

/// Names and options are texts of the caller's; two that are no UTF-8 must not become one.
std::string text_of(const Json& parts) {
  try {
    return parts.dump();
  } catch (const Json::type_error& error) {
    throw InvalidArgumentError(std::string("no key can be made of this: ") + error.what());
  }
}

}  // namespace

void CacheKey::check_files() const {
  for (const auto& [path, stamp] : files) {
    if (stamp_of(path) != stamp) {
      throw UnavailableError(path.string() + " was changed while it was being loaded");
    }
  }
}

CacheKey cache_key_of(const LoadedEngine& engine, const LoadRequest& request) {
  const ModelSource& source = request.source;
  const std::string format = known_format(engine, source);
  CacheKey key;
  Json content = content_parts(source, format, key.files);
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
      {"files", std::move(content["files"])},
      {"fingerprint", fingerprint_of(engine, request)},
      {"format", format},
      {"model", std::move(content["model"])},
      {"nodes", wants_nodes(request.config)},
      {"options", request.options},
      {"shapes", std::move(shapes)},
      {"threads", request.threads},
  };
  key.parts = text_of(parts);
  key.hash = sha256_of(std::as_bytes(std::span(key.parts)));
  return key;
}

}  // namespace xpuruntime
