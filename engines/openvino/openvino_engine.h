// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// OpenVINO through its C++ API. Thread-safe.
class OpenVinoEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "openvino";

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;
  /// OpenVINO's build, and the device's name and what it can compute in.
  void fingerprint(const engine::LoadArgs& args, const engine::Writer& writer) override;

 private:
  std::mutex mutex_;
  std::optional<engine::EngineSpec> spec_;
};

}  // namespace xpuruntime::openvino
