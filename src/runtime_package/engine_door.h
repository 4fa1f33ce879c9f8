// SPDX-License-Identifier: Apache-2.0
/// For engines in two libraries. The plug-in is a door that is not linked to the engine's runtime:
/// it opens the runtime's libraries, then a second library beside itself, which is linked to them
/// and is the engine. Where the runtime cannot be opened, the plug-in is an engine that says why,
/// and what to install.
#pragma once

#include <dlfcn.h>

#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "library_file.h"
#include "xpuruntime/engine/engine.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::engine {

/// What a door opens, as its errors tell of it.
struct BehindDoor {
  const char* engine;       ///< its name, and that of the extra of our package
  const char* requirement;  ///< what pip installs
  const char* setting;      ///< the environment variable that helps, and to what it is set

  Failure not_installed(const std::string& reason) const {
    return Failure(XPURT_ENGINE_NOT_INSTALLED,
                   reason + "\nInstall it:  pip install " + requirement +
                       "   (or, with our package:  pip install 'xpuruntime[" + engine +
                       "]')\nor set " + setting);
  }

  /// Opens `libxpuruntime_<engine>.so` in `folder`, for ever, and returns its query function. The
  /// loader finds the runtime for it by the names that its libraries carry, since they are open.
  xpurt_plugin_query_fn open_library(const std::filesystem::path& folder) const {
    const auto file = folder / ("libxpuruntime_" + std::string(engine) + ".so");
    void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      throw not_installed("the engine's library cannot be used: " + std::string(dlerror()));
    }
    return reinterpret_cast<xpurt_plugin_query_fn>(dlsym(handle, XPURT_PLUGIN_QUERY));
  }
};

/// Stands in for an engine whose runtime is not there.
template <typename Door>
class AbsentEngine : public Engine {
 public:
  static constexpr const char* kName = Door::kName;
  static inline std::exception_ptr reason;

  const EngineSpec& spec() override { std::rethrow_exception(reason); }
  std::unique_ptr<Model> load(const LoadArgs&) override { std::rethrow_exception(reason); }
};

/// What the exported symbol of a door returns. `Door` has a `kName`, and `open(folder)` returns the
/// query function of the library in the door's folder or throws.
template <typename Door>
const void* query_door(const char* interface_name, uint32_t major, const xpurt_host* given) {
  using Absent = AbsentEngine<Door>;
  const void* const version = plugin<Absent>()("version", 1, given);
  if (std::string_view(interface_name) == "version" && major == 1) return version;
  if (major != XPURT_ABI_MAJOR) return nullptr;
  host = given;
  static const xpurt_plugin_query_fn answer = []() noexcept -> xpurt_plugin_query_fn {
    try {
      const auto own_file = library_file(reinterpret_cast<const void*>(&query_door<Door>));
      return Door::open(own_file.parent_path());
    } catch (...) {
      Absent::reason = std::current_exception();
      return plugin<Absent>();
    }
  }();
  return answer(interface_name, major, given);
}

}  // namespace xpuruntime::engine
