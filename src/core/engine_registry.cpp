// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/engine_registry.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "loaded_engine.h"
#include "plugin.h"
#include "text.h"
#include "worker_name.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// The engines that belong to xpuruntime, built or not.
constexpr const char* kBuiltIn[] = {"executorch", "onnxrt", "openvino", "reference", "torch"};

/// Those that the default set-up leaves out: what they are built with takes gigabytes.
constexpr const char* kOptional[] = {"executorch", "torch"};

/// The plug-in that runs other engines in processes of their own.
constexpr const char* kWorker = "worker";

bool is_path(std::string_view name) { return name.find('/') != std::string_view::npos; }

bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '+';
  });
}

std::string name_of_file(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::string prefix = plugin_file_name("").substr(0, plugin_file_name("").size() - 3);
  if (name.starts_with(prefix) && name.ends_with(".so")) {
    return name.substr(prefix.size(), name.size() - prefix.size() - 3);
  }
  return file.stem().string();
}

}  // namespace

Engine::~Engine() = default;

struct EngineRegistry::State {
  /// One engine, or why there is none: both are kept.
  struct Entry {
    std::shared_ptr<LoadedEngine> engine;
    std::exception_ptr failure;
    std::string path;
  };

  std::vector<std::string> known_names() {
    std::set<std::string> names(std::begin(kBuiltIn), std::end(kBuiltIn));
    for (const auto& [name, unused] : factories) names.insert(name);
    for (const auto& folder : plugin_folders()) {
      for (auto& name : plugins_in(folder)) names.insert(std::move(name));
    }
    names.erase(kWorker);
    return {names.begin(), names.end()};
  }

  /// The engine's name is that of what runs, wherever it does.
  std::shared_ptr<LoadedEngine> load_in_worker(std::string_view target, std::string& path) {
    const std::string name(is_python(target) ? kPython : target);
    const auto query = open_plugin(find_plugin(kWorker, path));
    return std::make_shared<LoadedEngine>(is_path(name) ? name_of_file(name) : name, path, query,
                                          "engine:" + std::string(target));
  }

  std::shared_ptr<LoadedEngine> load(const std::string& name, std::string& path) {
    if (const auto target = worker_target(name); !target.empty())
      return load_in_worker(target, path);
    if (name == kWorker || name == kInWorker) {
      throw UnsupportedOperationError(
          "engine worker runs another one: write worker:onnxrt, or "
          "ask for isolation");
    }
    if (const auto factory = factories.find(name); factory != factories.end()) {
      return std::make_shared<LoadedEngine>(name, "", factory->second);
    }
    if (is_path(name)) {
      std::error_code error;
      const auto file = std::filesystem::absolute(name, error);
      path = file.string();
      return std::make_shared<LoadedEngine>(name_of_file(file), path, open_plugin(file));
    }
    const auto file = find_plugin(name, path);
    return std::make_shared<LoadedEngine>(name, path, open_plugin(file));
  }

  /// Sets `path` to it too. Throws when there is none.
  std::filesystem::path find_plugin(const std::string& name, std::string& path) {
    std::string tried;
    for (const auto& folder : plugin_folders()) {
      auto file = folder / plugin_file_name(name);
      tried += "\n  " + file.string();
      std::error_code error;
      if (!std::filesystem::exists(file, error)) continue;
      path = file.string();
      return file;
    }
    const std::vector<std::string> names = known_names();
    if (name != kWorker && std::ranges::find(names, name) == names.end()) {
      throw UnsupportedOperationError("unknown engine '" + name + "'; known engines: " +
                                      join(names) + did_you_mean(name, names));
    }
    const bool is_optional = std::ranges::find(kOptional, name) != std::end(kOptional);
    throw EngineNotInstalledError(
        "engine " + name + " was not built or not installed; tried:" + tried +
        (is_optional ? "\nIt is an optional extra: run  make setup-torch build" : ""));
  }

  Entry& entry(std::string_view name) {
    const std::string key(name);
    const std::lock_guard lock(mutex);
    if (const auto found = entries.find(key); found != entries.end()) return found->second;
    Entry made;
    try {
      made.engine = load(key, made.path);
    } catch (const UnsupportedOperationError&) {
      // A name that is unknown now may be registered later; an engine that fails so has failed.
      if (made.path.empty() && !factories.contains(key)) throw;
      made.failure = std::current_exception();
    } catch (...) {
      made.failure = std::current_exception();
    }
    return entries.emplace(key, std::move(made)).first->second;
  }

  EngineStatus status(const std::string& name) {
    const Entry& found = entry(name);
    if (found.engine != nullptr) return found.engine->status();
    EngineStatus status;
    status.name = name;
    status.path = found.path;
    try {
      std::rethrow_exception(found.failure);
    } catch (const std::exception& failure) {
      status.reason = failure.what();
    }
    return status;
  }

  std::recursive_mutex mutex;  // an engine may ask the registry while it is being loaded
  std::map<std::string, EngineFactory> factories;
  std::map<std::string, Entry> entries;
};

EngineRegistry::EngineRegistry() : state_(std::make_unique<State>()) {}
EngineRegistry::~EngineRegistry() = default;

EngineRegistry& EngineRegistry::instance() {
  static auto* const registry = new EngineRegistry;  // never destroyed: engines live as long
  return *registry;
}

void EngineRegistry::register_engine(const std::string& name, EngineFactory factory) {
  if (!is_name(name) || factory == nullptr) {
    throw InvalidArgumentError("'" + name + "' cannot be the name of an engine: use letters, " +
                               "digits, '_', '-' and '+', and give a factory");
  }
  const std::lock_guard lock(state_->mutex);
  if (state_->factories.contains(name) || state_->entries.contains(name)) {
    throw InvalidArgumentError("engine '" + name + "' is registered or loaded already");
  }
  state_->factories[name] = factory;
}

std::shared_ptr<Engine> EngineRegistry::create_engine(std::string_view name) {
  const State::Entry& entry = state_->entry(name);
  if (entry.failure) std::rethrow_exception(entry.failure);
  return entry.engine;
}

std::vector<std::string> EngineRegistry::available_engines(const std::string& python_executable) {
  std::vector<std::string> names;
  for (const EngineStatus& status : engine_status(python_executable)) {
    if (status.available) names.push_back(status.name);
  }
  return names;
}

std::vector<EngineStatus> EngineRegistry::engine_status(const std::string& python_executable) {
  std::vector<EngineStatus> all = native_engine_status();
  // As a session names it, so that both start its interpreter once.
  std::string name(kPython);
  if (!python_executable.empty()) {
    name = std::string(kInWorker) + name + ":" + python_executable;
  }
  EngineStatus python = state_->status(name);
  python.name = kPython;
  all.insert(std::ranges::upper_bound(all, python.name, {}, &EngineStatus::name),
             std::move(python));
  return all;
}

std::vector<EngineStatus> EngineRegistry::native_engine_status() {
  std::vector<std::string> names;
  {
    const std::lock_guard lock(state_->mutex);
    names = state_->known_names();
  }
  std::vector<EngineStatus> all;
  for (const std::string& name : names) all.push_back(state_->status(name));
  return all;
}

}  // namespace xpuruntime
