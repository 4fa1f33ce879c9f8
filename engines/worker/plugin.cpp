// SPDX-License-Identifier: Apache-2.0
/// The plug-in's query function: an engine table for each engine that is asked for, as
/// "engine:onnxrt".
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "worker_engine.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::worker_engine {
namespace {

constexpr std::string_view kInterface = "engine:";

const xpurt_engine* table_of(std::string_view target) {
  using Table = engine::EngineTable<WorkerEngine>;
  struct Tables {
    std::mutex mutex;
    std::map<std::string, std::unique_ptr<Table>, std::less<>> by_target;
  };
  static auto* const tables = new Tables;  // never destroyed: threads may be in them
  const std::lock_guard lock(tables->mutex);
  auto& table = tables->by_target[std::string(target)];
  if (table == nullptr) table = std::make_unique<Table>(Target::parse(target));
  return table->table();
}

const void* query(std::string_view name, uint32_t major, const xpurt_host* host) noexcept {
  static const xpurt_plugin_version version{sizeof(xpurt_plugin_version), XPURT_ABI_MAJOR,
                                            XPURT_ABI_MINOR, "worker"};
  if (name == "version" && major == 1) return &version;
  if (major != XPURT_ABI_MAJOR || !name.starts_with(kInterface)) return nullptr;
  engine::host = host;
  try {
    return table_of(name.substr(kInterface.size()));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace
}  // namespace xpuruntime::worker_engine

extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name,
                                                              uint32_t major,
                                                              const xpurt_host* host) {
  return xpuruntime::worker_engine::query(interface_name, major, host);
}
