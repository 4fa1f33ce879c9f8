// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {

/// ONNX Runtime through its C API, opened when it is first needed. Thread-safe.
class OnnxEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "onnxrt";

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;
  /// The library's version and the instruction sets that its kernels choose between.
  void fingerprint(const engine::LoadArgs& args, const engine::Writer& writer) override;

 private:
  std::mutex mutex_;
  std::optional<engine::EngineSpec> spec_;
};

}  // namespace xpuruntime::onnxrt
