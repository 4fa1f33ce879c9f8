// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "clock.h"
#include "xpuruntime/profiler.h"

namespace xpuruntime {

/// What a thread or a job did for a while.
struct ProfilerEvent {
  enum class Kind : uint8_t { kQueue, kCopy, kRun, kNode };
  struct Node {
    std::string name;     ///< "" where it has none
    std::string op_type;  ///< "" where not known, as is the next
    std::string kernel;
  };
  Kind kind = Kind::kRun;
  TimePoint begin{};
  TimePoint end{};
  uint64_t job = 0;                              ///< 0: a synchronous run
  uint32_t joined = 1;                           ///< items of the run
  int64_t thread = 0;                            ///< filled in when it is added
  std::shared_ptr<const std::string> session{};  ///< "engine onnxrt, model a.onnx"
  std::shared_ptr<const Node> node{};            ///< of kNode; else null
};

struct ProfilerAccess {
  static void add(Profiler& profiler, ProfilerEvent event) noexcept;
};

}  // namespace xpuruntime
