// SPDX-License-Identifier: Apache-2.0
#include "onnx/model.h"

#include <set>

namespace xpuruntime::onnx {
namespace {

bool is_onnx_domain(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

void count_operators(const Graph& graph, std::map<std::string, size_t>& counts) {
  for (const Node& node : graph.nodes) {
    ++counts[is_onnx_domain(node.domain) ? node.op_type : node.domain + "." + node.op_type];
    for (const Attribute& attribute : node.attributes) {
      if (const auto* one = std::get_if<std::shared_ptr<const Graph>>(&attribute.value)) {
        count_operators(**one, counts);
      } else if (const auto* some =
                     std::get_if<std::vector<std::shared_ptr<const Graph>>>(&attribute.value)) {
        for (const auto& inner : *some) count_operators(*inner, counts);
      }
    }
  }
}

}  // namespace

const Attribute* Node::attribute(std::string_view attribute_name) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == attribute_name) return &attribute;
  }
  return nullptr;
}

std::vector<const ValueInfo*> Graph::required_inputs() const {
  std::set<std::string_view> given;
  for (const Tensor& initializer : initializers) given.insert(initializer.name);
  for (const std::string& initializer : sparse_initializers) given.insert(initializer);
  std::vector<const ValueInfo*> required;
  for (const ValueInfo& input : inputs) {
    if (!given.contains(input.name)) required.push_back(&input);
  }
  return required;
}

int64_t Model::opset(std::string_view domain_name) const {
  for (const auto& [imported, version] : opsets) {
    if (imported == domain_name || (is_onnx_domain(imported) && is_onnx_domain(domain_name))) {
      return version;
    }
  }
  return 0;
}

std::map<std::string, size_t> Model::operator_counts() const {
  std::map<std::string, size_t> counts;
  count_operators(graph, counts);
  return counts;
}

}  // namespace xpuruntime::onnx
