// SPDX-License-Identifier: Apache-2.0
#include "placement.h"

#include <map>

#include "api_24.h"
#include "status.h"

namespace xpuruntime::onnxrt {

std::vector<std::pair<std::string, std::string>> placement_of(const OrtSession* session) {
  using api_24::Slot;
  if (!api_24::is_available()) return {};
  const auto get_assignment =
      api_24::function<api_24::GetAssignment>(Slot::kSessionGetEpGraphAssignmentInfo);
  const auto get_name = api_24::function<api_24::GetEpName>(Slot::kEpAssignedSubgraphGetEpName);
  const auto get_nodes = api_24::function<api_24::GetNodes>(Slot::kEpAssignedSubgraphGetNodes);

  const api_24::Subgraph* const* subgraphs = nullptr;
  size_t subgraph_count = 0;
  if (OrtStatus* status = get_assignment(session, &subgraphs, &subgraph_count)) {
    take(status);  // the caller switched the record off
    return {};
  }
  std::map<std::string, size_t> nodes_of;
  for (size_t i = 0; i < subgraph_count; ++i) {
    const char* name = nullptr;
    check(get_name(subgraphs[i], &name));
    const api_24::Node* const* nodes = nullptr;
    size_t node_count = 0;
    check(get_nodes(subgraphs[i], &nodes, &node_count));
    nodes_of[name] += node_count;
  }
  std::vector<std::pair<std::string, std::string>> placement;
  for (const auto& [name, nodes] : nodes_of) placement.emplace_back(name, std::to_string(nodes));
  return placement;
}

}  // namespace xpuruntime::onnxrt
