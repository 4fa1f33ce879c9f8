/* SPDX-License-Identifier: Apache-2.0 */
/* Looks like an ONNX Runtime that is too old. */
#include <stddef.h>
#include <stdint.h>

struct api_base {
  const void* (*get_api)(uint32_t version);
  const char* (*get_version_string)(void);
};

static const void* get_api(uint32_t version) {
  (void)version;
  return NULL;
}

static const char* get_version_string(void) { return "1.12.3"; }

static const struct api_base base = {get_api, get_version_string};

__attribute__((visibility("default"))) const struct api_base* OrtGetApiBase(void) { return &base; }
