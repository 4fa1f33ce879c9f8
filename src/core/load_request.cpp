// SPDX-License-Identifier: Apache-2.0
#include "load_request.h"

#include "xpuruntime/profiler.h"

namespace xpuruntime {
namespace {

int32_t report_progress(void* user, const char* phase, uint64_t done, uint64_t total) {
  const auto& progress = *static_cast<const decltype(SessionConfig::progress)*>(user);
  try {
    return progress(phase, done, total) ? 0 : 1;
  } catch (...) {
    return 1;  // nothing may be thrown through the engine: the load ends as cancelled
  }
}

}  // namespace

bool wants_nodes(const SessionConfig& config) {
  return config.profiler != nullptr && config.profiler->detail() == Profiler::Detail::kNodes;
}

LoadCall::LoadCall(const LoadRequest& request) : path_(request.source.path.string()) {
  options_.reserve(request.options.size());
  for (const auto& [key, value] : request.options) {
    options_.push_back({sizeof(xpurt_key_value), key.c_str(), value.c_str()});
    option_pointers_.push_back(&options_.back());
  }
  const SessionConfig& config = request.config;
  for (const std::string& name : config.extra_outputs) extra_outputs_.push_back(name.c_str());
  profiles_.reserve(config.shapes.size());
  for (const auto& [input, shape] : config.shapes) {
    profiles_.push_back({sizeof(xpurt_shape_profile), input.c_str(),
                         static_cast<uint32_t>(shape.rank()), shape.data(), shape.data(),
                         shape.data()});
    profile_pointers_.push_back(&profiles_.back());
  }
  const ModelSource& source = request.source;
  args_.struct_size = sizeof(xpurt_load_args);
  args_.source = path_.empty() ? XPURT_SOURCE_BYTES : XPURT_SOURCE_PATH;
  args_.path = path_.empty() ? nullptr : path_.c_str();
  args_.bytes = source.bytes.data();
  args_.byte_count = source.bytes.size();
  args_.base_folder = source.base_folder.empty() ? nullptr : source.base_folder.c_str();
  args_.device = {static_cast<int32_t>(request.device.type), request.device.index};
  args_.threads = request.threads;
  args_.options = option_pointers_.data();
  args_.option_count = static_cast<uint32_t>(option_pointers_.size());
  args_.profiles = profile_pointers_.data();
  args_.profile_count = static_cast<uint32_t>(profile_pointers_.size());
  args_.extra_outputs = extra_outputs_.data();
  args_.extra_output_count = static_cast<uint32_t>(extra_outputs_.size());
  if (wants_nodes(config)) args_.flags |= XPURT_LOAD_NODES;
  if (config.progress) {
    args_.progress = report_progress;
    args_.progress_user = const_cast<void*>(static_cast<const void*>(&config.progress));
  }
}

void LoadCall::set_compiled(std::span<const std::byte> bytes) noexcept {
  args_.source = XPURT_SOURCE_COMPILED;
  args_.path = nullptr;
  args_.bytes = bytes.data();
  args_.byte_count = bytes.size();
  args_.flags |= XPURT_LOAD_BYTES_STAY;
}

}  // namespace xpuruntime
