// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/kernel_policy.h"

#include <nlohmann/json.hpp>
#include <set>

#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using Json = nlohmann::json;  // whose objects are in the order of their keys

[[noreturn]] void refuse(const std::string& got) {
  throw InvalidArgumentError("kernel policy: expected JSON such as {\"MatMul\": \"eigen\"}, got " +
                             got);
}

/// Of two members with one name a parsed object would keep the last.
Json parse(std::string_view text) {
  std::set<std::string> names;
  const auto check = [&](int depth, Json::parse_event_t event, const Json& parsed) {
    const bool is_name = event == Json::parse_event_t::key && depth == 1;
    if (is_name && !names.insert(parsed.get<std::string>()).second) {
      refuse("operator '" + parsed.get<std::string>() + "' twice");
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const Json::exception&) {
    refuse("'" + std::string(text) + "'");
  }
}

}  // namespace

KernelPolicy::KernelPolicy(std::initializer_list<std::pair<std::string, std::string>> kernels) {
  for (const auto& [op, kernel] : kernels) set(op, kernel);
}

KernelPolicy::KernelPolicy(const std::map<std::string, std::string>& kernels) {
  for (const auto& [op, kernel] : kernels) set(op, kernel);
}

KernelPolicy& KernelPolicy::set(const std::string& op, const std::string& kernel) {
  if (op.empty() || kernel.empty()) {
    throw InvalidArgumentError("kernel policy: expected an operator and a kernel, got '" + op +
                               "' and '" + kernel + "'");
  }
  kernels_.insert_or_assign(op, kernel);
  return *this;
}

std::optional<std::string> KernelPolicy::get(std::string_view op) const {
  const auto found = kernels_.find(op);
  return found != kernels_.end() ? std::optional(found->second) : std::nullopt;
}

KernelPolicy& KernelPolicy::merge(const KernelPolicy& other) {
  for (const auto& [op, kernel] : other.kernels_) kernels_.insert_or_assign(op, kernel);
  return *this;
}

std::string KernelPolicy::to_json() const {
  Json json = Json::object();
  for (const auto& [op, kernel] : kernels_) json[op] = kernel;
  // A name that is not UTF-8 is an engine's to refuse.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

KernelPolicy KernelPolicy::from_json(std::string_view json) {
  const Json parsed = parse(json);
  if (!parsed.is_object()) refuse("'" + std::string(json) + "'");
  KernelPolicy policy;
  for (const auto& [op, kernel] : parsed.items()) {
    if (!kernel.is_string()) refuse(kernel.dump() + " for operator '" + op + "'");
    policy.set(op, kernel.get<std::string>());
  }
  return policy;
}

}  // namespace xpuruntime
