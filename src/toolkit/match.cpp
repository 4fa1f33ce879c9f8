// SPDX-License-Identifier: Apache-2.0
#include "toolkit/match.h"

#include <algorithm>
#include <numeric>

#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

bool fits(const TensorInfo& info, const Tensor& tensor) {
  if (info.kind != ValueKind::kTensor) return false;
  if (info.dtype != DType::kUndefined && info.dtype != tensor.dtype()) return false;
  if (!info.has_rank) return true;
  const Shape& shape = tensor.shape();
  if (shape.rank() != info.shape.rank()) return false;
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (info.shape[i] >= 0 && info.shape[i] != shape[i]) return false;
  }
  return true;
}

std::string listed(const TensorInfo& info) {
  return "'" + info.name + "' " +
         (info.kind == ValueKind::kTensor ? to_string(info) : "(no tensor)");
}

std::string listed(std::span<const TensorInfo> infos) {
  std::string text;
  for (const auto& info : infos) text += (text.empty() ? "" : ", ") + listed(info);
  return text.empty() ? "no inputs" : text;
}

std::string listed(const NamedTensors& tensors) {
  std::string text;
  for (const auto& [name, tensor] : tensors) {
    text += (text.empty() ? "'" : ", '") + name + "' " + to_string(tensor);
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::optional<std::vector<size_t>> match_names(std::span<const std::string> wanted,
                                               std::span<const std::string> given) {
  std::vector<size_t> places;
  for (const auto& name : wanted) {
    const auto found = std::ranges::find(given, name);
    if (found != given.end()) places.push_back(static_cast<size_t>(found - given.begin()));
  }
  if (places.size() == wanted.size()) return places;
  if (!places.empty() || wanted.size() != given.size()) return std::nullopt;
  places.resize(wanted.size());
  std::iota(places.begin(), places.end(), size_t{0});
  return places;
}

NamedTensors match_inputs(std::span<const TensorInfo> infos, const NamedTensors& inputs,
                          const std::string& whose) {
  std::vector<std::string> wanted;
  for (const auto& info : infos) wanted.push_back(info.name);
  const auto places = match_names(wanted, names_of(inputs));
  if (!places || inputs.size() != infos.size()) {
    throw InvalidArgumentError(whose + ": expected inputs " + listed(infos) + ", got " +
                               listed(inputs));
  }
  NamedTensors matched;
  for (size_t i = 0; i < infos.size(); ++i) {
    const Tensor& tensor = inputs[(*places)[i]];
    if (!fits(infos[i], tensor)) {
      throw InvalidArgumentError(whose + ": input '" + infos[i].name + "': expected " +
                                 to_string(infos[i]) + ", got '" + inputs.name((*places)[i]) +
                                 "' " + to_string(tensor));
    }
    matched.set(infos[i].name, tensor);
  }
  return matched;
}

}  // namespace xpuruntime::toolkit
