// SPDX-License-Identifier: Apache-2.0
#include "transport.h"

#include <algorithm>
#include <iterator>

namespace xpuruntime::worker {
namespace {

constexpr std::pair<Transport, std::string_view> kNames[] = {
    {Transport::kSharedMemory, "shared_memory"},
    {Transport::kUnix, "unix"},
    {Transport::kTcp, "tcp"},
    {Transport::kPipe, "pipe"},
    {Transport::kGrpc, "grpc"},
    {Transport::kJsonFile, "json_file"},
};

}  // namespace

std::string_view name_of(Transport transport) {
  return std::ranges::find(kNames, transport, [](const auto& each) { return each.first; })->second;
}

std::optional<Transport> transport_named(std::string_view name) {
  const auto* const found =
      std::ranges::find(kNames, name, [](const auto& each) { return each.second; });
  return found != std::end(kNames) ? std::optional(found->first) : std::nullopt;
}

std::vector<std::string> transport_names() {
  std::vector<std::string> names;
  for (const auto& [transport, name] : kNames) names.emplace_back(name);
  return names;
}

}  // namespace xpuruntime::worker
