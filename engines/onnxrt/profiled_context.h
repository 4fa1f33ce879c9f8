// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>

#include "context.h"

namespace xpuruntime::onnxrt {

/// A Context whose runs ONNX Runtime profiles (since version 1.25), and which tells the host of
/// their nodes. ONNX Runtime writes a file a run; it lies in a folder that nobody else sees, until
/// it is read.
class ProfiledContext final : public OnnxContext {
 public:
  explicit ProfiledContext(std::shared_ptr<const LoadedModel> model);
  ~ProfiledContext() override;

  void run(const engine::RunArgs& args) override;
  static bool is_available();

 private:
  const std::filesystem::path folder_;
};

}  // namespace xpuruntime::onnxrt
