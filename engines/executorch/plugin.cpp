// SPDX-License-Identifier: Apache-2.0
/// The door: it is not linked to ExecuTorch.
#include "runtime_package/runtime_package.h"

namespace xpuruntime::executorch_engine {
namespace {

struct Door {
  static constexpr const char* kName = "executorch";

  static xpurt_plugin_query_fn open(const std::filesystem::path& folder) {
    engine::RuntimePackage executorch{
        "executorch",
        {"libexecutorch.so", "libexecutorch_threadpool.so", "libexecutorch_kernels_optimized.so"},
        XPURT_RUNTIME_VERSION,
        XPURT_RUNTIME_REQUIREMENT,
        "XPURT_EXECUTORCH_PACKAGE"};
#ifdef XPURT_RUNTIME_PACKAGE_DIR
    executorch.built_with = XPURT_RUNTIME_PACKAGE_DIR;
#endif
    return engine::open_packaged_engine(executorch, folder);
  }
};

}  // namespace
}  // namespace xpuruntime::executorch_engine

extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name,
                                                              uint32_t major,
                                                              const xpurt_host* given) {
  using xpuruntime::executorch_engine::Door;
  return xpuruntime::engine::query_door<Door>(interface_name, major, given);
}
