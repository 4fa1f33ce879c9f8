/* SPDX-License-Identifier: Apache-2.0 */
/* A plug-in of a major version that this host does not speak: it says so and has no table. */
#include <string.h>

#include "xpuruntime/engine/abi.h"

XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name, uint32_t major,
                                                   const xpurt_host* host);

const void* xpurt_plugin_query(const char* interface_name, uint32_t major, const xpurt_host* host) {
  static const xpurt_plugin_version version = {sizeof(xpurt_plugin_version), 99, 0, "other_major"};
  (void)host;
  return strcmp(interface_name, "version") == 0 && major == 1 ? &version : NULL;
}
