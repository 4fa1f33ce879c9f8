// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "loaded_engine.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

/// What to load: a file, or bytes.
struct ModelSource {
  std::filesystem::path path;  // empty: bytes
  std::span<const std::byte> bytes;
  std::string base_folder;
  std::string name;  // for messages: the path, or "<bytes>"
};

/// One model on one engine and device: immutable, shared by Contexts.
class LoadedModel {
 public:
  /// Throws what the engine failed with, and UnavailableError when it built another device.
  LoadedModel(std::shared_ptr<LoadedEngine> engine, const ModelSource& source, Device device,
              int32_t threads, const std::map<std::string, std::string>& options,
              const SessionConfig& config);
  ~LoadedModel();
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;

  const LoadedEngine& engine() const noexcept { return *engine_; }
  xpurt_model* handle() const noexcept { return model_; }
  const ModelInfo& info() const noexcept { return info_; }
  Device device() const noexcept { return device_; }
  bool stateful() const noexcept { return stateful_; }
  uint32_t parallelism() const noexcept { return parallelism_; }
  int32_t threads() const noexcept { return threads_; }
  const std::map<std::string, int64_t>& placement() const noexcept { return placement_; }
  /// "engine onnxrt, model a.onnx": where an error comes from.
  const std::string& where() const noexcept { return where_; }

 private:
  void read_info();

  std::shared_ptr<LoadedEngine> engine_;
  xpurt_model* model_ = nullptr;
  ModelInfo info_;
  Device device_;
  bool stateful_ = false;
  uint32_t parallelism_ = 0;
  int32_t threads_ = 0;
  std::map<std::string, int64_t> placement_;
  std::string where_;
};

}  // namespace xpuruntime
