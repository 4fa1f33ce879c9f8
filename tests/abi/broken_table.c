/* SPDX-License-Identifier: Apache-2.0 */
/* Two plug-ins whose engine table cannot be used. Built with
 *   XPURT_TEST_NAME  "missing_slot" or "lying_size"
 *   XPURT_TEST_SIZE  what struct_size says
 * The required context_run is null in both; the size of the second ends before it. */
#include <string.h>

#include "xpuruntime/engine/abi.h"

static xpurt_status describe(void* self, const xpurt_engine_info** info, xpurt_error* error) {
  static const char* const formats[] = {"none", NULL};
  static const xpurt_device cpu = {XPURT_DEVICE_CPU, 0};
  static const xpurt_engine_info broken = {
      sizeof(xpurt_engine_info), XPURT_TEST_NAME, "0", "0", 0, 1, formats, NULL, &cpu, 1};
  (void)self;
  (void)error;
  *info = &broken;
  return XPURT_OK;
}

static xpurt_status model_load(void* self, const xpurt_load_args* args, xpurt_model** model,
                               xpurt_error* error) {
  (void)self;
  (void)args;
  (void)model;
  (void)error;
  return XPURT_INTERNAL;
}

static void model_release(xpurt_model* model) { (void)model; }

static xpurt_status model_info(xpurt_model* model, const xpurt_model_info** info,
                               xpurt_error* error) {
  (void)model;
  (void)info;
  (void)error;
  return XPURT_INTERNAL;
}

static xpurt_status context_create(xpurt_model* model, xpurt_context** context,
                                   xpurt_error* error) {
  (void)model;
  (void)context;
  (void)error;
  return XPURT_INTERNAL;
}

static void context_release(xpurt_context* context) { (void)context; }

XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name, uint32_t major,
                                                   const xpurt_host* host);

const void* xpurt_plugin_query(const char* interface_name, uint32_t major, const xpurt_host* host) {
  static const xpurt_plugin_version version = {sizeof(xpurt_plugin_version), XPURT_ABI_MAJOR,
                                               XPURT_ABI_MINOR, XPURT_TEST_NAME};
  static const xpurt_engine engine = {.struct_size = XPURT_TEST_SIZE,
                                      .describe = describe,
                                      .model_load = model_load,
                                      .model_release = model_release,
                                      .model_info = model_info,
                                      .context_create = context_create,
                                      .context_release = context_release};
  (void)host;
  if (strcmp(interface_name, "version") == 0 && major == 1) return &version;
  if (strcmp(interface_name, "engine") == 0 && major == XPURT_ABI_MAJOR) return &engine;
  return NULL;
}
