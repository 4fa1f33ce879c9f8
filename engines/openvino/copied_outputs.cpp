// SPDX-License-Identifier: Apache-2.0
#include "copied_outputs.h"

#include <set>
#include <string>

#include "placement.h"

namespace xpuruntime::openvino {
namespace {

/// The outputs that come from an input and nothing between, by their nodes' names.
std::set<std::string> passed_through(const ov::Model& graph) {
  std::set<std::string> names;
  for (const auto& node : graph.get_ops()) {
    if (layer_type(*node) == "Output" && layer_type(*node->get_input_node_ptr(0)) == "Input") {
      names.insert(node->get_friendly_name());
    }
  }
  return names;
}

}  // namespace

std::vector<bool> copied_outputs(const ov::CompiledModel& compiled, const ov::Model* graph) {
  const auto passed = graph != nullptr ? passed_through(*graph) : std::set<std::string>();
  std::set<const ov::descriptor::Tensor*> seen;
  for (const auto& input : compiled.inputs()) seen.insert(&input.get_tensor());
  std::vector<bool> copied;
  for (const auto& output : compiled.outputs()) {
    const bool is_own = seen.insert(&output.get_tensor()).second &&
                        !passed.contains(output.get_node()->get_friendly_name());
    copied.push_back(!is_own);
  }
  return copied;
}

}  // namespace xpuruntime::openvino
