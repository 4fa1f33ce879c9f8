// SPDX-License-Identifier: Apache-2.0
/// The door: it is not linked to torch.
#include "runtime_package/runtime_package.h"

namespace xpuruntime::torch_engine {
namespace {

struct Door {
  static constexpr const char* kName = "torch";

  static xpurt_plugin_query_fn open(const std::filesystem::path& folder) {
    engine::RuntimePackage torch{"torch",
                                 {"libc10.so", "libtorch_cpu.so"},
                                 XPURT_RUNTIME_VERSION,
                                 XPURT_RUNTIME_REQUIREMENT,
                                 "XPURT_TORCH_PACKAGE"};
#ifdef XPURT_RUNTIME_PACKAGE_DIR
    torch.built_with = XPURT_RUNTIME_PACKAGE_DIR;
#endif
    return engine::open_packaged_engine(torch, folder);
  }
};

}  // namespace
}  // namespace xpuruntime::torch_engine

extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name,
                                                              uint32_t major,
                                                              const xpurt_host* given) {
  using xpuruntime::torch_engine::Door;
  return xpuruntime::engine::query_door<Door>(interface_name, major, given);
}
