// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <string>

#include "xpuruntime/engine/abi.h"
#include "xpuruntime/engine_registry.h"

namespace xpuruntime {

/// An engine behind its C tables: checked, complete, and described.
class LoadedEngine final : public Engine {
 public:
  /// Throws UnavailableError when the tables are not whole, and what describe() fails with.
  /// `interface`: of the plug-in's tables, the one that is the engine's.
  LoadedEngine(std::string name, std::string path, xpurt_plugin_query_fn query,
               const std::string& interface = "engine");

  const EngineStatus& status() const noexcept override { return status_; }
  /// Every slot can be called: those that the engine does not have fail as unsupported.
  const xpurt_engine& table() const noexcept { return table_; }
  /// Null slots when the engine brings no device of its own.
  const xpurt_device_table& device_table() const noexcept { return device_table_; }
  uint32_t traits() const noexcept { return traits_; }
  /// Can it load what model_save() wrote?
  bool can_save() const noexcept { return (traits_ & XPURT_TRAIT_SAVES) != 0; }
  /// Does it tell of the nodes of a run?
  bool tells_nodes() const noexcept { return (traits_ & XPURT_TRAIT_NODES) != 0; }
  /// What a session runs with that leaves its threads to us: an engine with one number a process
  /// keeps that of its first model.
  int32_t default_threads() const noexcept;
  void note_model(int32_t threads) noexcept;
  uint32_t input_alignment() const noexcept { return input_alignment_; }

 private:
  void check_table(const std::string& where);
  void describe();

  EngineStatus status_;
  xpurt_engine table_{};
  xpurt_device_table device_table_{};
  uint32_t traits_ = 0;
  uint32_t input_alignment_ = 1;
  std::atomic<int32_t> process_threads_{0};
};

/// Options given by name, checked against those that the engine has. `skip_unknown`: for an engine
/// of a fallback list, which takes the ones it knows. Throws UnsupportedOperationError (unknown,
/// naming the nearest), InvalidArgumentError (not a value of its type).
std::map<std::string, std::string> check_options(const std::map<std::string, std::string>& options,
                                                 const EngineStatus& engine, bool skip_unknown);
/// Does the engine have an option of that name?
bool has_option(const EngineStatus& engine, const std::string& name);

}  // namespace xpuruntime
