// SPDX-License-Identifier: Apache-2.0
#include "library.h"

#include <dlfcn.h>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "locate.h"
#include "runtime_package/engine_door.h"

namespace xpuruntime::openvino {
namespace {

namespace fs = std::filesystem;

/// As OpenVINO's C function get_openvino_version returns it.
struct Version {
  const char* build_number;  ///< "2026.4.1-22982-..."
  const char* description;
};

/// Why the library `name` cannot be used; empty: it is open, and of the version that is needed.
std::string open_library(const std::string& name) {
  std::error_code ignored;
  if (name.find('/') != name.npos && !fs::is_regular_file(name, ignored)) {
    return "there is no such file";
  }
  void* const handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return dlerror();
  const auto get_version = reinterpret_cast<Version (*)()>(dlsym(handle, "get_openvino_version"));
  if (get_version == nullptr) return "it is not OpenVINO: it has no get_openvino_version";
  const std::string_view build = get_version().build_number;
  const std::string_view version = build.substr(0, build.find('-'));
  if (version == XPURT_OPENVINO_VERSION) return "";
  return "it is OpenVINO " + std::string(version) + ", and this engine was built with " +
         XPURT_OPENVINO_VERSION;
}

constexpr engine::BehindDoor kBehind{
    "openvino", XPURT_OPENVINO_REQUIREMENT,
    "XPURT_OPENVINO_LIBRARY to the file " XPURT_OPENVINO_LIBRARY_NAME};

void open_openvino(const fs::path& folder) {
  std::string tried;
  std::vector<std::string> empty;
  const std::vector<Candidate> candidates = library_candidates(folder, empty);
  for (const std::string& place : empty) tried += "\n  " + place + ": nothing is there";
  for (const Candidate& candidate : candidates) {
    const std::string reason = open_library(candidate.name);
    if (reason.empty()) {
      engine::log(XPURT_LOG_DEBUG, "openvino",
                  "OpenVINO " XPURT_OPENVINO_VERSION " from " + candidate.name);
      return;
    }
    tried += "\n  " + candidate.name + " (" + candidate.why + "): " + reason;
  }
  throw kBehind.not_installed("OpenVINO's library cannot be used. Tried:" + tried);
}

}  // namespace

xpurt_plugin_query_fn open_engine(const fs::path& folder) {
  open_openvino(folder);
  return kBehind.open_library(folder);
}

}  // namespace xpuruntime::openvino
