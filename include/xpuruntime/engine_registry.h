// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "xpuruntime/device.h"
#include "xpuruntime/export.h"

struct xpurt_host;

namespace xpuruntime {

enum class OptionType { kBool = 0, kInt = 1, kFloat = 2, kString = 3 };

/// An option that an engine takes by name. A name that ends in ".*" stands for a prefix.
struct OptionSpec {
  std::string name;
  OptionType type = OptionType::kString;
  std::string default_value;
  std::string doc;
  std::vector<std::string> choices;  ///< empty: any value of the type
};

/// What is known of an engine, whether it can be used or not.
struct EngineStatus {
  std::string name;
  bool available = false;
  std::string reason;                ///< why it is not available
  std::string path;                  ///< of the plug-in; "" for one in the program, or not found
  std::string version;               ///< of the runtime below, as it says it itself
  std::string adapter_version;       ///< of the plug-in
  std::vector<std::string> formats;  ///< file extensions that it loads, without the dot
  std::vector<Device> devices;       ///< that it can use now, the best first
  std::vector<OptionSpec> options;
};

/// An adapter to one runtime, loaded: shared, and never unloaded.
class XPURT_API Engine {
 public:
  virtual ~Engine();
  virtual const EngineStatus& status() const noexcept = 0;
};

/// What makes an engine in the program itself: engine::plugin<E>() of engine/export.h.
using EngineFactory = const void* (*)(const char* interface_name, uint32_t major,
                                      const xpurt_host* host);

/// The engines of this process. Plug-ins are found, in this order, as those registered here, in
/// the folders of XPURT_ENGINE_PATH (separated by ':'), and in the install's own folder; never in
/// the current one. They are loaded on first use. Thread-safe.
class XPURT_API EngineRegistry {
 public:
  static EngineRegistry& instance();

  /// Adds an engine that lives in this program. Throws InvalidArgumentError for a name that is
  /// registered already or is not one.
  void register_engine(const std::string& name, EngineFactory factory);
  /// Loads the engine with that name, or the plug-in at that path, or gives the one loaded before.
  /// `worker:` before either: the engine in worker processes.
  /// Throws UnsupportedOperationError (unknown: names the known ones), EngineNotInstalledError
  /// (with the paths tried), UnavailableError (no plug-in, or of another ABI version).
  std::shared_ptr<Engine> create_engine(std::string_view name);
  /// Names of the engines that can be used now, loading them to find out. The interpreter: as for
  /// engine_status().
  std::vector<std::string> available_engines(const std::string& python_executable = "");
  /// Every known engine; those that cannot be used say why. The first call starts the interpreter
  /// of engine `python` to ask it, at most for a minute; "": python3 of the PATH.
  std::vector<EngineStatus> engine_status(const std::string& python_executable = "");
  /// The same without engine `python`: those that can run in this process. Starts none.
  std::vector<EngineStatus> native_engine_status();

 private:
  EngineRegistry();
  ~EngineRegistry();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xpuruntime
