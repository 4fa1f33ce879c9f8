// SPDX-License-Identifier: Apache-2.0
#include "library.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <vector>

#include "locate.h"
#include "xpuruntime/engine/engine.h"

#ifndef XPURT_ONNXRUNTIME_REQUIREMENT
#define XPURT_ONNXRUNTIME_REQUIREMENT "onnxruntime"
#endif

namespace xpuruntime::onnxrt {
namespace {

/// Opens one candidate, or says in `reason` why it cannot be used.
std::optional<Library> open(const std::string& name, std::string& reason) {
  std::error_code ignored;
  if (name.find('/') != name.npos && !std::filesystem::is_regular_file(name, ignored)) {
    reason = "there is no such file";
    return std::nullopt;
  }
  void* const handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    reason = dlerror();
    return std::nullopt;
  }
  using GetApiBase = const OrtApiBase* (*)();
  const auto get_api_base = reinterpret_cast<GetApiBase>(dlsym(handle, "OrtGetApiBase"));
  if (get_api_base == nullptr) {
    reason = "it is not ONNX Runtime: it has no OrtGetApiBase";
    return std::nullopt;
  }
  const OrtApiBase* const base = get_api_base();
  Library library;
  library.version = base->GetVersionString();
  int major = 0;
  if (std::sscanf(library.version.c_str(), "%d.%d", &major, &library.minor) != 2 || major != 1 ||
      library.minor < ORT_API_VERSION) {
    reason = "it is ONNX Runtime " + library.version + ", and this engine needs 1." +
             std::to_string(ORT_API_VERSION) + " or newer";
    return std::nullopt;
  }
  library.api = base->GetApi(ORT_API_VERSION);
  if (library.api == nullptr) {
    reason = "ONNX Runtime " + library.version + " does not offer API version " +
             std::to_string(ORT_API_VERSION);
    return std::nullopt;
  }
  Dl_info info{};
  library.path = name;
  if (dladdr(reinterpret_cast<const void*>(base->GetApi), &info) != 0) {
    library.path = info.dli_fname;
  }
  return library;
}

Library find_and_open() {
  // ONNX Runtime reads this when it starts, and would otherwise send usage data. Changing the
  // environment is not thread-safe, so it is done once, and only where it is not so already.
  const char* const disabled = std::getenv("ORT_DISABLE_TELEMETRY");
  if (disabled == nullptr || std::string_view(disabled) != "1") {
    setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  }
  std::string tried;
  std::vector<std::string> empty;
  const std::vector<Candidate> candidates = library_candidates(empty);
  for (const std::string& place : empty) tried += "\n  " + place + ": nothing is there";
  for (const Candidate& candidate : candidates) {
    std::string reason;
    if (auto library = open(candidate.name, reason)) return *std::move(library);
    tried += "\n  " + candidate.name + " (" + candidate.why + "): " + reason;
  }
  throw engine::Failure(XPURT_ENGINE_NOT_INSTALLED,
                        "ONNX Runtime's library cannot be used. Tried:" + tried +
                            "\nInstall it:  pip install " XPURT_ONNXRUNTIME_REQUIREMENT
                            "   (or, with our package:  pip install 'xpuruntime[onnxrt]')"
                            "\nor set XPURT_ONNXRUNTIME_LIBRARY to the file libonnxruntime.so.*");
}

}  // namespace

const Library& library() {
  static std::mutex mutex;
  static const Library* opened = nullptr;
  const std::lock_guard lock(mutex);
  if (opened == nullptr) {
    opened = new Library(find_and_open());
    detail::opened_api = opened->api;
    engine::log(XPURT_LOG_DEBUG, "onnxrt",
                "ONNX Runtime " + opened->version + " from " + opened->path);
  }
  return *opened;
}

}  // namespace xpuruntime::onnxrt
