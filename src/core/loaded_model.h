// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "load_request.h"
#include "loaded_engine.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/report.h"

namespace xpuruntime {

/// One model on one engine and device: immutable, shared by Contexts.
class LoadedModel {
 public:
  enum class WillSave : bool { kNo, kYes };
  /// Throws what the engine failed with, and UnavailableError when it built another device.
  LoadedModel(std::shared_ptr<LoadedEngine> engine, const LoadRequest& request,
              WillSave will_save = WillSave::kNo);
  /// Of what save() wrote for the same request, which `owner` keeps in place.
  LoadedModel(std::shared_ptr<LoadedEngine> engine, const LoadRequest& request,
              std::span<const std::byte> compiled, std::shared_ptr<const void> owner);
  ~LoadedModel();
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;

  /// Hands over the compiled model, part by part; what `write` throws goes through. Throws what the
  /// engine fails with.
  void save(const std::function<void(std::span<const std::byte>)>& write) const;

  const LoadedEngine& engine() const noexcept { return *engine_; }
  xpurt_model* handle() const noexcept { return model_; }
  const ModelInfo& info() const noexcept { return info_; }
  Device device() const noexcept { return device_; }
  bool stateful() const noexcept { return stateful_; }
  /// A run needs no more than its calling thread; others only help.
  bool elastic() const noexcept { return elastic_; }
  uint32_t parallelism() const noexcept { return parallelism_; }
  int32_t threads() const noexcept { return threads_; }
  const std::map<std::string, int64_t>& placement() const noexcept { return placement_; }
  /// Of a cache that the engine keeps itself; kOff where it keeps none.
  const CacheReport& cache() const noexcept { return cache_; }
  /// "engine onnxrt, model a.onnx": where an error comes from.
  const std::string& where() const noexcept { return where_; }

 private:
  LoadedModel(std::shared_ptr<LoadedEngine> engine, const LoadRequest& request,
              const LoadCall& call);
  void read_info();

  std::shared_ptr<LoadedEngine> engine_;
  std::shared_ptr<const void> owner_;
  xpurt_model* model_ = nullptr;
  ModelInfo info_;
  Device device_;
  bool stateful_ = false;
  bool elastic_ = false;
  uint32_t parallelism_ = 0;
  int32_t threads_ = 0;
  std::map<std::string, int64_t> placement_;
  CacheReport cache_;
  std::string where_;
};

}  // namespace xpuruntime
