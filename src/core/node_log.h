// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "profiler_events.h"
#include "xpuruntime/engine/abi.h"

namespace xpuruntime {

/// The nodes that an engine tells of during one run.
class NodeLog {
 public:
  NodeLog() noexcept : sink_{sizeof(xpurt_node_sink), this, take} {}
  NodeLog(const NodeLog&) = delete;
  NodeLog& operator=(const NodeLog&) = delete;

  const xpurt_node_sink* sink() const noexcept { return &sink_; }
  /// Events of the nodes of `run`, whose begin those that came without theirs follow.
  void add_to(Profiler& profiler, const ProfilerEvent& run);

 private:
  static void take(void* self, const xpurt_node* node) noexcept;

  xpurt_node_sink sink_;
  std::vector<ProfilerEvent> nodes_;
};

}  // namespace xpuruntime
