// SPDX-License-Identifier: Apache-2.0
#include "plugin.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "abi_read.h"
#include "host.h"
#include "log.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

constexpr std::string_view kPrefix = "libxpuruntime_engine_";
constexpr std::string_view kSuffix = ".so";

std::filesystem::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&plugin_folders), &info) == 0) return {};
  std::error_code error;
  const auto library = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::filesystem::path() : library.parent_path() / "xpuruntime" / "engines";
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw UnavailableError("cannot use plug-in " + file.string() + ": " + reason);
}

}  // namespace

std::vector<std::filesystem::path> plugin_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* given = std::getenv("XPURT_ENGINE_PATH")) {
    std::string_view rest(given);
    while (!rest.empty()) {
      const std::filesystem::path folder(rest.substr(0, rest.find(':')));
      // A relative folder would mean the current one, which anybody may have written to.
      if (folder.is_absolute()) {
        folders.push_back(folder);
      } else if (!folder.empty()) {
        log(LogLevel::kWarning,
            "XPURT_ENGINE_PATH: '" + folder.string() + "' is not absolute; it is ignored");
      }
      rest.remove_prefix(
          std::min(rest.size(), rest.find(':') == rest.npos ? rest.size() : rest.find(':') + 1));
    }
  }
  if (const auto own = own_folder(); !own.empty()) folders.push_back(own);
  return folders;
}

std::string plugin_file_name(std::string_view engine) {
  return std::string(kPrefix) + std::string(engine) + std::string(kSuffix);
}

std::vector<std::string> plugins_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (file.size() > kPrefix.size() + kSuffix.size() && file.starts_with(kPrefix) &&
        file.ends_with(kSuffix)) {
      names.push_back(file.substr(kPrefix.size(), file.size() - kPrefix.size() - kSuffix.size()));
    }
  }
  std::ranges::sort(names);
  return names;
}

xpurt_plugin_query_fn open_plugin(const std::filesystem::path& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    refuse(file, reason != nullptr ? reason : "it cannot be loaded");
  }
  const auto query = reinterpret_cast<xpurt_plugin_query_fn>(dlsym(library, XPURT_PLUGIN_QUERY));
  if (query == nullptr) {
    refuse(file, "it is not an xpuruntime engine (no symbol " XPURT_PLUGIN_QUERY ")");
  }
  const auto version =
      read_abi(static_cast<const xpurt_plugin_version*>(query("version", 1, host_table())));
  if (version.struct_size == 0) refuse(file, "it does not say which ABI version it speaks");
  if (version.abi_major != XPURT_ABI_MAJOR) {
    refuse(file, "it speaks ABI " + std::to_string(version.abi_major) + "." +
                     std::to_string(version.abi_minor) + ", and this xpuruntime speaks ABI " +
                     std::to_string(XPURT_ABI_MAJOR) + "." + std::to_string(XPURT_ABI_MINOR) +
                     "; build the engine against this version");
  }
  log(LogLevel::kDebug, "loaded plug-in " + file.string());
  return query;
}

}  // namespace xpuruntime
