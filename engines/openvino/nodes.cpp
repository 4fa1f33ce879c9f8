// SPDX-License-Identifier: Apache-2.0
#include "nodes.h"

#include <algorithm>
#include <vector>

#include "status.h"

namespace xpuruntime::openvino {

using std::chrono::nanoseconds;

void tell_nodes(const engine::RunArgs& args, ov::InferRequest& request, Span run) {
  std::vector<ov::ProfilingInfo> nodes;
  checked(XPURT_ENGINE, "the nodes of the run", [&] { nodes = request.get_profiling_info(); });
  std::erase_if(nodes, [](const ov::ProfilingInfo& node) {
    return node.status != ov::ProfilingInfo::Status::EXECUTED;
  });
  if (nodes.empty()) return;
  std::ranges::stable_sort(nodes, {}, &ov::ProfilingInfo::start_time);
  const auto first = nodes.front().start_time;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const ov::ProfilingInfo& node = nodes[i];
    nanoseconds start{0};
    nanoseconds duration = node.real_time;
    if (first.count() != 0) {
      start = run.begin + (node.start_time - first);
      const bool is_last = i + 1 == nodes.size();
      const nanoseconds next = is_last ? run.end : run.begin + (nodes[i + 1].start_time - first);
      duration = is_last ? std::min(duration, next - start) : next - start;
    }
    args.executed({.name = node.node_name.c_str(),
                   .op_type = node.node_type.c_str(),
                   .kernel = node.exec_type.c_str(),
                   .start_ns = start.count(),
                   .duration_ns = duration.count()});
  }
}

}  // namespace xpuruntime::openvino
