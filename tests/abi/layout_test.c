/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of abi.h on 64-bit machines, frozen: a member that moves does not compile. A member
 * that is appended gets a line here, and begins no earlier than the struct ended before: not in
 * the padding at its end, which struct_size of an older writer counts in.
 */
#include "xpuruntime/engine/abi.h"

#define AT(type, member, offset) \
  _Static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")
#define IS(name, value) _Static_assert(name == (value), #name " has another value")

#if UINTPTR_MAX == UINT64_MAX
AT(xpurt_device, type, 0);
AT(xpurt_device, index, 4);

AT(xpurt_value, struct_size, 0);
AT(xpurt_value, kind, 8);
AT(xpurt_value, flags, 12);
AT(xpurt_value, dtype, 16);
AT(xpurt_value, rank, 20);
AT(xpurt_value, device, 24);
AT(xpurt_value, shape, 32);
AT(xpurt_value, strides, 40);
AT(xpurt_value, data, 48);
AT(xpurt_value, byte_size, 56);
AT(xpurt_value, offsets, 64);
AT(xpurt_value, children, 72);
AT(xpurt_value, count, 80);

AT(xpurt_host, struct_size, 0);
AT(xpurt_host, abi_major, 8);
AT(xpurt_host, abi_minor, 12);
AT(xpurt_host, fail, 16);
AT(xpurt_host, log_level, 24);
AT(xpurt_host, log, 32);
AT(xpurt_host, thread_budget, 40);

AT(xpurt_option, struct_size, 0);
AT(xpurt_option, name, 8);
AT(xpurt_option, type, 16);
AT(xpurt_option, default_value, 24);
AT(xpurt_option, doc, 32);
AT(xpurt_option, choices, 40);

AT(xpurt_engine_info, struct_size, 0);
AT(xpurt_engine_info, name, 8);
AT(xpurt_engine_info, version, 16);
AT(xpurt_engine_info, adapter_version, 24);
AT(xpurt_engine_info, traits, 32);
AT(xpurt_engine_info, input_alignment, 36);
AT(xpurt_engine_info, formats, 40);
AT(xpurt_engine_info, options, 48);
AT(xpurt_engine_info, devices, 56);
AT(xpurt_engine_info, device_count, 64);

AT(xpurt_key_value, struct_size, 0);
AT(xpurt_key_value, key, 8);
AT(xpurt_key_value, value, 16);

AT(xpurt_shape_profile, struct_size, 0);
AT(xpurt_shape_profile, input, 8);
AT(xpurt_shape_profile, rank, 16);
AT(xpurt_shape_profile, min, 24);
AT(xpurt_shape_profile, opt, 32);
AT(xpurt_shape_profile, max, 40);

AT(xpurt_load_args, struct_size, 0);
AT(xpurt_load_args, source, 8);
AT(xpurt_load_args, path, 16);
AT(xpurt_load_args, bytes, 24);
AT(xpurt_load_args, byte_count, 32);
AT(xpurt_load_args, base_folder, 40);
AT(xpurt_load_args, device, 48);
AT(xpurt_load_args, threads, 56);
AT(xpurt_load_args, options, 64);
AT(xpurt_load_args, option_count, 72);
AT(xpurt_load_args, profiles, 80);
AT(xpurt_load_args, profile_count, 88);
AT(xpurt_load_args, extra_outputs, 96);
AT(xpurt_load_args, extra_output_count, 104);
AT(xpurt_load_args, progress, 112);
AT(xpurt_load_args, progress_user, 120);
AT(xpurt_load_args, flags, 128);

AT(xpurt_tensor_info, struct_size, 0);
AT(xpurt_tensor_info, name, 8);
AT(xpurt_tensor_info, kind, 16);
AT(xpurt_tensor_info, dtype, 20);
AT(xpurt_tensor_info, rank, 24);
AT(xpurt_tensor_info, shape, 32);
AT(xpurt_tensor_info, dim_names, 40);
AT(xpurt_tensor_info, max_shape, 48);

AT(xpurt_cache_info, struct_size, 0);
AT(xpurt_cache_info, outcome, 8);
AT(xpurt_cache_info, entry, 16);
AT(xpurt_cache_info, reason, 24);

AT(xpurt_model_info, struct_size, 0);
AT(xpurt_model_info, inputs, 8);
AT(xpurt_model_info, input_count, 16);
AT(xpurt_model_info, outputs, 24);
AT(xpurt_model_info, output_count, 32);
AT(xpurt_model_info, metadata, 40);
AT(xpurt_model_info, metadata_count, 48);
AT(xpurt_model_info, opset, 56);
AT(xpurt_model_info, producer, 64);
AT(xpurt_model_info, device, 72);
AT(xpurt_model_info, flags, 80);
AT(xpurt_model_info, parallelism, 84);
AT(xpurt_model_info, threads, 88);
AT(xpurt_model_info, placement, 96);
AT(xpurt_model_info, placement_count, 104);
AT(xpurt_model_info, cache, 112);

AT(xpurt_writer, struct_size, 0);
AT(xpurt_writer, self, 8);
AT(xpurt_writer, write, 16);

AT(xpurt_sink, struct_size, 0);
AT(xpurt_sink, self, 8);
AT(xpurt_sink, bound, 16);
AT(xpurt_sink, reserve, 24);
AT(xpurt_sink, commit, 32);
AT(xpurt_sink, give, 40);

AT(xpurt_reporter, struct_size, 0);
AT(xpurt_reporter, self, 8);
AT(xpurt_reporter, copied, 16);

AT(xpurt_node, struct_size, 0);
AT(xpurt_node, name, 8);
AT(xpurt_node, op_type, 16);
AT(xpurt_node, kernel, 24);
AT(xpurt_node, start_ns, 32);
AT(xpurt_node, duration_ns, 40);

AT(xpurt_node_sink, struct_size, 0);
AT(xpurt_node_sink, self, 8);
AT(xpurt_node_sink, executed, 16);

AT(xpurt_run_args, struct_size, 0);
AT(xpurt_run_args, run_id, 8);
AT(xpurt_run_args, inputs, 16);
AT(xpurt_run_args, input_count, 24);
AT(xpurt_run_args, output_count, 28);
AT(xpurt_run_args, sink, 32);
AT(xpurt_run_args, stream, 40);
AT(xpurt_run_args, deadline_ns, 48);
AT(xpurt_run_args, reporter, 56);
AT(xpurt_run_args, repeat, 64);
AT(xpurt_run_args, nodes, 72);

AT(xpurt_engine, struct_size, 0);
AT(xpurt_engine, self, 8);
AT(xpurt_engine, describe, 16);
AT(xpurt_engine, model_load, 24);
AT(xpurt_engine, model_release, 32);
AT(xpurt_engine, model_info, 40);
AT(xpurt_engine, context_create, 48);
AT(xpurt_engine, context_release, 56);
AT(xpurt_engine, context_run, 64);
AT(xpurt_engine, context_start, 72);
AT(xpurt_engine, context_cancel, 80);
AT(xpurt_engine, context_reset, 88);
AT(xpurt_engine, model_save, 96);
AT(xpurt_engine, fingerprint, 104);

AT(xpurt_device_table, struct_size, 0);
AT(xpurt_device_table, self, 8);
AT(xpurt_device_table, device_type, 16);
AT(xpurt_device_table, stream_create, 24);
AT(xpurt_device_table, stream_release, 32);
AT(xpurt_device_table, stream_synchronize, 40);

AT(xpurt_plugin_version, struct_size, 0);
AT(xpurt_plugin_version, abi_major, 8);
AT(xpurt_plugin_version, abi_minor, 12);
AT(xpurt_plugin_version, name, 16);

/* Fixed for ever. */
_Static_assert(sizeof(xpurt_device) == 8, "xpurt_device has grown");
_Static_assert(sizeof(xpurt_plugin_version) == 24, "xpurt_plugin_version has grown");
#endif

IS(XPURT_OK, 0);
IS(XPURT_INVALID_ARGUMENT, 1);
IS(XPURT_MODEL_NOT_FOUND, 2);
IS(XPURT_UNSUPPORTED_OPERATION, 3);
IS(XPURT_UNAVAILABLE, 4);
IS(XPURT_ENGINE_NOT_INSTALLED, 5);
IS(XPURT_INVALID_STATE, 6);
IS(XPURT_OUT_OF_MEMORY, 7);
IS(XPURT_QUEUE_FULL, 8);
IS(XPURT_DEADLINE_EXCEEDED, 9);
IS(XPURT_CANCELLED, 10);
IS(XPURT_AGREEMENT, 11);
IS(XPURT_MODEL_MISMATCH, 12);
IS(XPURT_PROTOCOL, 13);
IS(XPURT_ENGINE, 14);
IS(XPURT_INTERNAL, 15);

IS(XPURT_RETRYABLE, 1);
IS(XPURT_CONTEXT_LOST, 2);
IS(XPURT_MODEL_LOST, 4);

IS(XPURT_UNDEFINED, 0);
IS(XPURT_FLOAT, 1);
IS(XPURT_UINT8, 2);
IS(XPURT_INT8, 3);
IS(XPURT_UINT16, 4);
IS(XPURT_INT16, 5);
IS(XPURT_INT32, 6);
IS(XPURT_INT64, 7);
IS(XPURT_STRING, 8);
IS(XPURT_BOOL, 9);
IS(XPURT_FLOAT16, 10);
IS(XPURT_DOUBLE, 11);
IS(XPURT_UINT32, 12);
IS(XPURT_UINT64, 13);
IS(XPURT_COMPLEX64, 14);
IS(XPURT_COMPLEX128, 15);
IS(XPURT_BFLOAT16, 16);
IS(XPURT_FLOAT8E4M3FN, 17);
IS(XPURT_FLOAT8E4M3FNUZ, 18);
IS(XPURT_FLOAT8E5M2, 19);
IS(XPURT_FLOAT8E5M2FNUZ, 20);
IS(XPURT_UINT4, 21);
IS(XPURT_INT4, 22);
IS(XPURT_FLOAT4E2M1, 23);
IS(XPURT_FLOAT8E8M0, 24);
IS(XPURT_UINT2, 25);
IS(XPURT_INT2, 26);

IS(XPURT_DEVICE_CPU, 0);
IS(XPURT_DEVICE_CUDA, 1);
IS(XPURT_DEVICE_INTEL_GPU, 2);
IS(XPURT_DEVICE_INTEL_NPU, 3);

IS(XPURT_KIND_NONE, 0);
IS(XPURT_KIND_TENSOR, 1);
IS(XPURT_KIND_SEQUENCE, 2);
IS(XPURT_KIND_MAP, 3);

IS(XPURT_VALUE_READ_ONLY, 1);
IS(XPURT_VALUE_DONATED, 2);

IS(XPURT_LOG_DEBUG, 0);
IS(XPURT_LOG_INFO, 1);
IS(XPURT_LOG_WARNING, 2);
IS(XPURT_LOG_ERROR, 3);
IS(XPURT_LOG_OFF, 4);

IS(XPURT_TRAIT_PROCESS_THREADS, 1);
IS(XPURT_TRAIT_STREAM_ORDERED, 2);
IS(XPURT_TRAIT_BYTES_FIRST, 4);
IS(XPURT_TRAIT_SAVES, 8);
IS(XPURT_LOAD_WILL_SAVE, 1);
IS(XPURT_LOAD_BYTES_STAY, 2);

IS(XPURT_OPTION_BOOL, 0);
IS(XPURT_OPTION_INT, 1);
IS(XPURT_OPTION_FLOAT, 2);
IS(XPURT_OPTION_STRING, 3);

IS(XPURT_SOURCE_PATH, 0);
IS(XPURT_SOURCE_BYTES, 1);
IS(XPURT_SOURCE_COMPILED, 2);

IS(XPURT_MODEL_STATEFUL, 1);

IS(XPURT_CACHE_OFF, 0);
IS(XPURT_CACHE_HIT, 1);
IS(XPURT_CACHE_STORED, 2);
IS(XPURT_CACHE_REBUILT, 3);
IS(XPURT_CACHE_NOT_STORED, 4);

/* The header is C11 alone, and this file, which holds nothing else, proves it. */
int xpurt_test_layout(void);

int xpurt_test_layout(void) { return 0; }
