// SPDX-License-Identifier: Apache-2.0
#include "placement.h"

#include <map>
#include <openvino/core/model.hpp>
#include <openvino/core/node.hpp>

namespace xpuruntime::openvino {
namespace {

std::string note(const ov::Node& node, const char* key) {
  const auto& notes = node.get_rt_info();
  const auto found = notes.find(key);
  return found == notes.end() ? "" : found->second.as<std::string>();
}

/// Nothing for a node that computes nothing.
std::string kernel_of(const ov::Node& node) {
  const std::string layer = layer_type(node);
  if (layer.empty() || layer == "Input" || layer == "Output" || layer == "Const") return "";
  const std::string kernel = note(node, "primitiveType");
  if (!kernel.empty() && !kernel.starts_with("undef") && !kernel.starts_with("unknown")) {
    return kernel;
  }
  return layer + "_" + note(node, "runtimePrecision");
}

}  // namespace

std::string layer_type(const ov::Node& node) { return note(node, "layerType"); }

std::vector<std::pair<std::string, std::string>> placement_of(const ov::Model& graph) {
  std::map<std::string, size_t> nodes_of;
  for (const auto& node : graph.get_ops()) {
    if (const std::string kernel = kernel_of(*node); !kernel.empty()) ++nodes_of[kernel];
  }
  std::vector<std::pair<std::string, std::string>> placement;
  for (const auto& [kernel, nodes] : nodes_of) {
    placement.emplace_back(kernel, std::to_string(nodes));
  }
  return placement;
}

}  // namespace xpuruntime::openvino
