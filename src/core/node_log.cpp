// SPDX-License-Identifier: Apache-2.0
#include "node_log.h"

#include <new>
#include <utility>

#include "abi_read.h"

namespace xpuruntime {

/// Called by engines: nothing may be thrown through them.
void NodeLog::take(void* self, const xpurt_node* given) noexcept {
  const auto text = [](const char* words) { return std::string(words != nullptr ? words : ""); };
  try {
    const xpurt_node node = read_abi(given);
    ProfilerEvent event{.kind = ProfilerEvent::Kind::kNode};
    event.begin = TimePoint(std::chrono::nanoseconds(node.start_ns));
    event.end = event.begin + std::chrono::nanoseconds(node.duration_ns);
    event.node = std::make_shared<const ProfilerEvent::Node>(
        ProfilerEvent::Node{text(node.name), text(node.op_type), text(node.kernel)});
    static_cast<NodeLog*>(self)->nodes_.push_back(std::move(event));
  } catch (const std::bad_alloc&) {
    // An event is not worth a run.
  }
}

void NodeLog::add_to(Profiler& profiler, const ProfilerEvent& run) {
  TimePoint place = run.begin;
  for (ProfilerEvent& event : nodes_) {
    if (event.begin == TimePoint()) {
      event.end = place + (event.end - event.begin);
      event.begin = place;
    }
    place = event.end;
    event.session = run.session;
    event.job = run.job;
    ProfilerAccess::add(profiler, std::move(event));
  }
  nodes_.clear();
}

}  // namespace xpuruntime
