// SPDX-License-Identifier: Apache-2.0
#include "call_spec.h"

#include <nlohmann/json.hpp>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;
using Json = nlohmann::json;

/// A tree of Python containers, as torch.utils._pytree.treespec_dumps writes it: a version, and
/// nodes with their type, their context (a dict's keys), and their children.
Json read_tree(const std::string& spec) {
  const Json tree = Json::parse(spec, nullptr, false);
  if (!tree.is_array() || tree.size() != 2 || tree[0] != 1 || !tree[1].is_object()) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  "the package describes its arguments in a form that is not known: " + spec);
  }
  return tree[1];
}

const Json& children_of(const Json& node) {
  static const Json none = Json::array();
  const auto found = node.find("children_spec");
  return found != node.end() && found->is_array() ? *found : none;
}

bool is_leaf(const Json& node) { return node.value("type", Json()).is_null(); }

/// Keys of a dict, or none.
std::vector<std::string> keys_of(const Json& node) {
  const Json context = node.value("context", Json());
  const Json keys = context.is_string()
                        ? Json::parse(context.get_ref<const std::string&>(), nullptr, false)
                        : Json();
  std::vector<std::string> names;
  if (!keys.is_array() || keys.size() != children_of(node).size()) return names;
  for (const Json& key : keys)
    names.push_back(key.is_string() ? key.get<std::string>() : key.dump());
  return names;
}

void add_names(const Json& node, const std::string& name, const char* stem,
               std::vector<std::string>& names) {
  if (is_leaf(node)) {
    names.push_back(name.empty() ? stem : name);
    return;
  }
  const auto keys = keys_of(node);
  size_t i = 0;
  for (const Json& child : children_of(node)) {
    std::string inner = name.empty() && keys.empty() ? stem : name;
    if (!inner.empty()) inner += '_';
    inner += keys.empty() ? std::to_string(i) : keys[i];
    add_names(child, inner, stem, names);
    ++i;
  }
}

}  // namespace

std::vector<std::string> input_names(const std::string& spec) {
  const Json root = read_tree(spec);  // (args, kwargs)
  std::vector<std::string> names;
  for (const Json& arguments : children_of(root)) add_names(arguments, "", "input", names);
  return names;
}

std::vector<std::string> output_names(const std::string& spec) {
  std::vector<std::string> names;
  add_names(read_tree(spec), "", "output", names);
  return names;
}

std::map<std::string, std::string> read_metadata(const std::string& json) {
  std::map<std::string, std::string> metadata;
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return metadata;
  for (const auto& [key, value] : object.items()) {
    metadata[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return metadata;
}

}  // namespace xpuruntime::torch_engine
