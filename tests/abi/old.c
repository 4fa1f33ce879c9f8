/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An engine of an earlier minor version, in C: knows nothing of what was appended since. Its models
 * are any bytes that begin with "old"; they double a float32 vector x into y.
 */
#include <stdlib.h>
#include <string.h>

#include "abi_0_0.h"

struct xpurt_model {
  xpurt_model_info info;
};
struct xpurt_context {
  const xpurt_model* model;
};

static const xpurt_host* the_host;

static xpurt_status describe(void* self, const xpurt_engine_info** info, xpurt_error* error) {
  static const char* const formats[] = {"old", NULL};
  static const char* const choices[] = {"on", "off", NULL};
  static const xpurt_option option = {sizeof(xpurt_option), "mood", XPURT_OPTION_STRING, "off",
                                      "Changes nothing.",   choices};
  static const xpurt_option* const options[] = {&option, NULL};
  static const xpurt_device cpu = {XPURT_DEVICE_CPU, 0};
  static const xpurt_engine_info old = {
      sizeof(xpurt_engine_info), "old", "0.9", "0.0", 0, 4, formats, options, &cpu, 1};
  (void)self;
  (void)error;
  *info = &old;
  return XPURT_OK;
}

static xpurt_status model_load(void* self, const xpurt_load_args* args, xpurt_model** model,
                               xpurt_error* error) {
  static const int64_t shape[] = {-1};
  static const xpurt_tensor_info x = {
      sizeof(xpurt_tensor_info), "x", XPURT_KIND_TENSOR, XPURT_FLOAT, 1, shape, NULL};
  static const xpurt_tensor_info y = {
      sizeof(xpurt_tensor_info), "y", XPURT_KIND_TENSOR, XPURT_FLOAT, 1, shape, NULL};
  static const xpurt_tensor_info* const inputs[] = {&x};
  static const xpurt_tensor_info* const outputs[] = {&y};
  xpurt_model* made;
  (void)self;
  if (args->source != XPURT_SOURCE_BYTES || args->byte_count < 3 ||
      memcmp(args->bytes, "old", 3) != 0) {
    return the_host->fail(error, XPURT_INVALID_ARGUMENT, 0, 0, 0, 0,
                          "the old engine loads bytes that begin with 'old'");
  }
  made = calloc(1, sizeof(*made));
  if (made == NULL) {
    return the_host->fail(error, XPURT_OUT_OF_MEMORY, 0, 0, sizeof(*made), 0, "out of memory");
  }
  made->info.struct_size = sizeof(made->info);
  made->info.inputs = inputs;
  made->info.input_count = 1;
  made->info.outputs = outputs;
  made->info.output_count = 1;
  made->info.threads = 1;
  *model = made;
  return XPURT_OK;
}

static void model_release(xpurt_model* model) { free(model); }

static xpurt_status model_info(xpurt_model* model, const xpurt_model_info** info,
                               xpurt_error* error) {
  (void)error;
  *info = &model->info;
  return XPURT_OK;
}

static xpurt_status context_create(xpurt_model* model, xpurt_context** context,
                                   xpurt_error* error) {
  *context = malloc(sizeof(**context));
  if (*context == NULL) {
    return the_host->fail(error, XPURT_OUT_OF_MEMORY, 0, 0, sizeof(**context), 0, "out of memory");
  }
  (*context)->model = model;
  return XPURT_OK;
}

static void context_release(xpurt_context* context) { free(context); }

static xpurt_status context_run(xpurt_context* context, const xpurt_run_args* args,
                                xpurt_error* error) {
  static const xpurt_device cpu = {XPURT_DEVICE_CPU, 0};
  const xpurt_value* x = args->input_count == 1 ? args->inputs[0] : NULL;
  xpurt_value y = {0};
  void* data = NULL;
  xpurt_status status;
  (void)context;
  if (x == NULL || x->dtype != XPURT_FLOAT || x->rank != 1 || args->output_count != 1) {
    return the_host->fail(error, XPURT_INVALID_ARGUMENT, 0, 0, 0, 0,
                          "input 'x': expected float32 of rank 1");
  }
  status = args->sink->reserve(args->sink->self, 0, x->byte_size, sizeof(float), cpu, NULL, &data,
                               error);
  if (status != XPURT_OK) return status;
  for (int64_t i = 0; i < x->shape[0]; ++i) {
    ((float*)data)[i] = 2 * ((const float*)x->data)[i];
  }
  y.struct_size = sizeof(y);
  y.kind = XPURT_KIND_TENSOR;
  y.dtype = XPURT_FLOAT;
  y.rank = 1;
  y.shape = x->shape;
  y.data = data;
  y.byte_size = x->byte_size;
  return args->sink->commit(args->sink->self, 0, &y, error);
}

XPURT_PLUGIN_EXPORT const void* xpurt_plugin_query(const char* interface_name, uint32_t major,
                                                   const xpurt_host* host);

const void* xpurt_plugin_query(const char* interface_name, uint32_t major, const xpurt_host* host) {
  static const xpurt_plugin_version version = {sizeof(xpurt_plugin_version), XPURT_ABI_MAJOR,
                                               XPURT_ABI_MINOR, "old"};
  static const xpurt_engine engine = {
      sizeof(xpurt_engine), NULL,           describe,        model_load, model_release,
      model_info,           context_create, context_release, context_run};
  the_host = host;
  if (strcmp(interface_name, "version") == 0 && major == 1) return &version;
  if (strcmp(interface_name, "engine") == 0 && major == XPURT_ABI_MAJOR) return &engine;
  return NULL;
}
