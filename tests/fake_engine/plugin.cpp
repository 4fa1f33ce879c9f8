// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "fake_engine.h"
#include "xpuruntime/engine/export.h"

/// The fake engine as a plug-in. Written out, as it has one table more than XPURT_EXPORT_ENGINE
/// makes: the hooks of its tests.
extern "C" XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name,
                                                              uint32_t major,
                                                              const xpurt_host* host) {
  using namespace xpuruntime;
  if (interface_name == std::string_view(fake::kHooksInterface)) return &fake::hooks();
  return engine::query<fake::FakeEngine>(interface_name, major, host);
}
