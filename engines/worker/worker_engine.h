// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "target.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::worker_engine {

/// An engine that runs in worker processes. What it says of itself is what the engine inside says
/// there, and the options of the worker besides.
class WorkerEngine : public engine::Engine {
 public:
  explicit WorkerEngine(Target target) : target_(std::move(target)) {}

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;

 private:
  const Target target_;
  std::mutex mutex_;
  std::optional<engine::EngineSpec> spec_;
};

}  // namespace xpuruntime::worker_engine
