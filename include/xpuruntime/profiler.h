// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "xpuruntime/export.h"

namespace xpuruntime {

/// Keeps when the runs of sessions waited, copied inputs and ran, and writes that as Chrome trace
/// JSON (chrome://tracing, Perfetto). Given to sessions as SessionConfig::profiler; one may serve
/// several. Thread-safe.
class XPURT_API Profiler {
 public:
  /// What it is told of: runs alone, or their nodes too, each an event within its run's, where the
  /// engine tells (SessionReport::profiles_nodes). That slows runs down.
  enum class Detail : int32_t { kRuns = 0, kNodes = 1 };
  /// Keeps the last `max_events`; earlier ones are dropped.
  explicit Profiler(size_t max_events = 65536, Detail detail = Detail::kRuns);
  ~Profiler();
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

  /// Writes what is kept, in one piece: the file is there whole or as it was before.
  /// Throws UnavailableError when it cannot be written.
  void write(const std::filesystem::path& path) const;
  Detail detail() const noexcept;
  size_t event_count() const;      ///< that are kept
  uint64_t dropped_count() const;  ///< that are not kept any more

 private:
  friend struct ProfilerAccess;  // the core adds events
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace xpuruntime
