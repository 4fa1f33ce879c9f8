// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "worker/transport.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::worker_engine {

/// What an option of the worker's own begins with; all others are the engine's inside.
inline constexpr std::string_view kPrefix = "worker.";

/// How a worker is run.
struct Settings {
  worker::Transport transport = worker::Transport::kSharedMemory;
  std::string address{};  ///< "": anywhere
  uint32_t contexts = 0;
  std::string cache_dir{};
  uint64_t memory_limit = 0;
  std::vector<int> cpus{};
  std::chrono::nanoseconds start_timeout{};
  std::chrono::nanoseconds load_timeout{};
  std::chrono::nanoseconds run_timeout{};
  std::chrono::nanoseconds cancel_timeout{};
};

/// The options that read_settings() reads.
std::vector<engine::OptionSpec> setting_specs();
/// Throws Failure for values that make no sense.
Settings read_settings(const engine::LoadArgs& args);
/// All as by default.
Settings default_settings();

}  // namespace xpuruntime::worker_engine
