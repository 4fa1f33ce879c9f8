// SPDX-License-Identifier: Apache-2.0
/// For engines whose runtime is a Python package with C++ libraries in its folder `lib`: their door
/// (see engine_door.h) finds the package and opens these libraries.
#pragma once

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "engine_door.h"
#include "xpuruntime/engine/python_packages.h"

namespace xpuruntime::engine {

/// A runtime, as the build found it.
struct RuntimePackage {
  const char* name;                    ///< of the package, and of the engine
  std::vector<const char*> libraries;  ///< to open, in this order
  const char* version;                 ///< that the engine was built with: no other will do
  const char* requirement;             ///< what pip installs
  const char* variable;                ///< environment variable that names the package's folder
  const char* built_with = "";         ///< the package's folder of the build; empty: not known
};

/// A package's version: without what stands behind a '+', which only says how it was built; empty
/// where the folder is no such package.
inline std::string package_version(const std::filesystem::path& package) {
  std::ifstream file(package / "version.py");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("__version__")) continue;
    const size_t begin = line.find_first_of("'\"");
    if (begin == line.npos) continue;
    return line.substr(begin + 1, line.find_first_of("+'\"", begin + 1) - begin - 1);
  }
  return {};
}

namespace detail {

/// The package that a library of that name in this process is of; empty: none is open.
inline std::filesystem::path open_package(const char* library) {
  void* const handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
  if (handle == nullptr) return {};
  const link_map* map = nullptr;
  const bool is_known =
      dlinfo(handle, RTLD_DI_LINKMAP, static_cast<void*>(&map)) == 0 && map != nullptr;
  std::filesystem::path package;
  if (is_known) package = std::filesystem::path(map->l_name).parent_path().parent_path();
  dlclose(handle);
  return package;
}

/// Why the package cannot be used; empty: its libraries are open, for ever.
inline std::string open_libraries(const RuntimePackage& runtime,
                                  const std::filesystem::path& package) {
  const std::string version = package_version(package);
  if (version.empty()) return "there is no such package";
  if (version != runtime.version) {
    return "it is " + std::string(runtime.name) + " " + version +
           ", and this engine was built with " + runtime.version;
  }
  for (const char* library : runtime.libraries) {
    const auto file = package / "lib" / library;
    if (dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) return dlerror();
  }
  return {};
}

/// Packages that may be there, with where each comes from, the best first.
inline std::vector<std::pair<std::filesystem::path, const char*>> packages(
    const RuntimePackage& runtime, const std::filesystem::path& own_folder) {
  // Two of one name in a process would mix: the one that is open is the only one.
  if (auto open = open_package(runtime.libraries.front()); !open.empty()) {
    return {{std::move(open), "open in this process"}};
  }
  if (const char* named = std::getenv(runtime.variable); named != nullptr && *named != 0) {
    std::error_code error;
    return {{std::filesystem::absolute(named, error), "named by the environment"}};
  }
  std::vector<std::pair<std::filesystem::path, const char*>> found;
  if (*runtime.built_with != 0) {
    found.emplace_back(runtime.built_with, "the build's Python packages");
  }
  for (const auto& folder : active_site_packages()) {
    found.emplace_back(folder / runtime.name, "the active virtual environment");
  }
  if (const auto folder = site_packages_above(own_folder / "file"); !folder.empty()) {
    found.emplace_back(folder / runtime.name, "the Python packages beside this plug-in");
  }
  return found;
}

}  // namespace detail

/// Opens the runtime's libraries and then the engine's in the door's folder `own_folder`, and
/// returns that one's query function. Throws XPURT_ENGINE_NOT_INSTALLED with all that was tried,
/// and what to install.
inline xpurt_plugin_query_fn open_packaged_engine(const RuntimePackage& runtime,
                                                  const std::filesystem::path& own_folder) {
  const std::string name = runtime.name;
  const std::string setting = runtime.variable + std::string(" to the folder of that package");
  const BehindDoor behind{runtime.name, runtime.requirement, setting.c_str()};
  std::string tried;
  for (const auto& [package, why] : detail::packages(runtime, own_folder)) {
    const std::string reason = detail::open_libraries(runtime, package);
    if (reason.empty()) {
      log(XPURT_LOG_DEBUG, runtime.name,
          name + " " + runtime.version + " from " + package.string());
      return behind.open_library(own_folder);
    }
    tried += "\n  " + package.string() + " (" + why + "): " + reason;
  }
  throw behind.not_installed("the libraries of " + name + " cannot be used. Tried:" + tried);
}

}  // namespace xpuruntime::engine
