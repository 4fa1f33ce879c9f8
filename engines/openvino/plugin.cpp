// SPDX-License-Identifier: Apache-2.0
/// The door: it is not linked to OpenVINO.
#include "library.h"
#include "runtime_package/engine_door.h"

namespace xpuruntime::openvino {
namespace {

struct Door {
  static constexpr const char* kName = "openvino";

  static xpurt_plugin_query_fn open(const std::filesystem::path& folder) {
    return open_engine(folder);
  }
};

}  // namespace
}  // namespace xpuruntime::openvino

extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name,
                                                              uint32_t major,
                                                              const xpurt_host* given) {
  return xpuruntime::engine::query_door<xpuruntime::openvino::Door>(interface_name, major, given);
}
