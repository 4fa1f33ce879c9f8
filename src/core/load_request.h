// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/device.h"
#include "xpuruntime/engine/abi.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

/// What to load: a file, or bytes.
struct ModelSource {
  std::filesystem::path path;  // empty: bytes
  std::span<const std::byte> bytes;
  std::string base_folder;
  std::string name;  // for messages: the path, or "<bytes>"
};

/// What an engine is asked to load, and how.
struct LoadRequest {
  const ModelSource& source;
  Device device;
  int32_t threads;
  std::map<std::string, std::string> options;  // that the engine knows
  const SessionConfig& config;                 // for its shapes, extra outputs and progress
};

/// Is the session to tell its profiler of the nodes of its runs?
bool wants_nodes(const SessionConfig& config);

/// A LoadRequest as it crosses the seam; valid as long as the request.
class LoadCall {
 public:
  explicit LoadCall(const LoadRequest& request);
  LoadCall(const LoadCall&) = delete;
  LoadCall& operator=(const LoadCall&) = delete;

  /// Of what the engine saved, instead of the model itself; the bytes outlive the engine's model.
  void set_compiled(std::span<const std::byte> bytes) noexcept;
  void set_will_save() noexcept { args_.flags |= XPURT_LOAD_WILL_SAVE; }
  const xpurt_load_args* args() const noexcept { return &args_; }

 private:
  const std::string path_;
  std::vector<xpurt_key_value> options_;
  std::vector<const xpurt_key_value*> option_pointers_;
  std::vector<const char*> extra_outputs_;
  std::vector<xpurt_shape_profile> profiles_;
  std::vector<const xpurt_shape_profile*> profile_pointers_;
  xpurt_load_args args_{};
};

}  // namespace xpuruntime
