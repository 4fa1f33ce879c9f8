/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between xpuruntime and an engine, in plain C: all that crosses a shared library.
 *
 * A plug-in exports one symbol, xpurt_plugin_query. Rules that keep it growing:
 *  - every struct begins with struct_size, the size its writer was compiled with; members are only
 *    appended, and neither side reads or writes past the smaller of the two sizes;
 *  - structs that cross in arrays cross as arrays of pointers;
 *  - a slot that is null, or past the plug-in's size, is "unsupported" if it is optional and an
 *    error at load if it is required;
 *  - functions that can fail return XPURT_OK or what host->fail returned; no exception crosses.
 * Engines are written in C++ with engine.h; this file is for its authors and for other languages.
 */
#ifndef XPURUNTIME_ENGINE_ABI_H_
#define XPURUNTIME_ENGINE_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Major 0 until every planned kind of engine has passed the conformance suite; a major is never
 * mixed with another, a minor only appends. */
#define XPURT_ABI_MAJOR 0u
#define XPURT_ABI_MINOR 5u

/* Error codes; one for each class of the error table (xpuruntime/error_table.inc). */
typedef int32_t xpurt_status;
enum {
  XPURT_OK = 0,
  XPURT_INVALID_ARGUMENT = 1,
  XPURT_MODEL_NOT_FOUND = 2,
  XPURT_UNSUPPORTED_OPERATION = 3,
  XPURT_UNAVAILABLE = 4,
  XPURT_ENGINE_NOT_INSTALLED = 5,
  XPURT_INVALID_STATE = 6,
  XPURT_OUT_OF_MEMORY = 7,
  XPURT_QUEUE_FULL = 8,
  XPURT_DEADLINE_EXCEEDED = 9,
  XPURT_CANCELLED = 10,
  XPURT_AGREEMENT = 11,
  XPURT_MODEL_MISMATCH = 12,
  XPURT_PROTOCOL = 13,
  XPURT_ENGINE = 14,
  XPURT_INTERNAL = 15
};

/* Flags of an error: what the host may do next. */
enum {
  XPURT_RETRYABLE = 1u,    /* the same call may succeed later */
  XPURT_CONTEXT_LOST = 2u, /* the context must be released, not reused */
  XPURT_MODEL_LOST = 4u    /* so must the model and all its contexts */
};

/* Element types: the numbers of ONNX TensorProto.DataType. */
enum {
  XPURT_UNDEFINED = 0,
  XPURT_FLOAT = 1,
  XPURT_UINT8 = 2,
  XPURT_INT8 = 3,
  XPURT_UINT16 = 4,
  XPURT_INT16 = 5,
  XPURT_INT32 = 6,
  XPURT_INT64 = 7,
  XPURT_STRING = 8,
  XPURT_BOOL = 9,
  XPURT_FLOAT16 = 10,
  XPURT_DOUBLE = 11,
  XPURT_UINT32 = 12,
  XPURT_UINT64 = 13,
  XPURT_COMPLEX64 = 14,
  XPURT_COMPLEX128 = 15,
  XPURT_BFLOAT16 = 16,
  XPURT_FLOAT8E4M3FN = 17,
  XPURT_FLOAT8E4M3FNUZ = 18,
  XPURT_FLOAT8E5M2 = 19,
  XPURT_FLOAT8E5M2FNUZ = 20,
  XPURT_UINT4 = 21,
  XPURT_INT4 = 22,
  XPURT_FLOAT4E2M1 = 23,
  XPURT_FLOAT8E8M0 = 24,
  XPURT_UINT2 = 25,
  XPURT_INT2 = 26,
  XPURT_FLOAT6E2M3 = 27,
  XPURT_FLOAT6E3M2 = 28
};

enum {
  XPURT_DEVICE_CPU = 0,
  XPURT_DEVICE_CUDA = 1,
  XPURT_DEVICE_INTEL_GPU = 2,
  XPURT_DEVICE_INTEL_NPU = 3
};

typedef struct xpurt_device {
  int32_t type;
  int32_t index;
} xpurt_device; /* fixed for ever: two numbers, no struct_size */

enum { XPURT_KIND_NONE = 0, XPURT_KIND_TENSOR = 1, XPURT_KIND_SEQUENCE = 2, XPURT_KIND_MAP = 3 };

enum {
  XPURT_VALUE_READ_ONLY = 1u, /* must not be written, by anyone */
  XPURT_VALUE_DONATED = 2u    /* an input that the engine may overwrite */
};

typedef struct xpurt_value {
  size_t struct_size;
  int32_t kind;
  uint32_t flags;
  int32_t dtype;
  int32_t rank;
  xpurt_device device;
  const int64_t* shape;   /* rank numbers */
  const int64_t* strides; /* in elements; null: dense, row-major */
  void* data;
  uint64_t byte_size;
  /* Strings, in Arrow's layout: one offset more than elements, from 0, into byte_size bytes of
   * UTF-8 at data. */
  const int64_t* offsets;
  const struct xpurt_value* const* children; /* sequence: elements; map: keys, values */
  uint64_t count;                            /* of children */
} xpurt_value;

typedef struct xpurt_error xpurt_error;     /* the host's; one a call, written by host->fail */
typedef struct xpurt_model xpurt_model;     /* the engine's */
typedef struct xpurt_context xpurt_context; /* the engine's */

enum {
  XPURT_LOG_DEBUG = 0,
  XPURT_LOG_INFO = 1,
  XPURT_LOG_WARNING = 2,
  XPURT_LOG_ERROR = 3,
  XPURT_LOG_OFF = 4
};

/* What the host offers; it lives as long as the process. All functions may be called on any thread.
 */
typedef struct xpurt_host {
  size_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  /* Records the first failure of a call and returns its code. asked and available are bytes or
   * counts where the code speaks of an amount, else 0. text is copied. */
  xpurt_status (*fail)(xpurt_error* error, xpurt_status code, int64_t native_code, uint32_t flags,
                       uint64_t asked, uint64_t available, const char* text);
  int32_t (*log_level)(void); /* messages below it are dropped: do not build them */
  void (*log)(int32_t level, const char* engine, const char* text);
  int32_t (*thread_budget)(void); /* threads this process may keep busy, at least 1 */
} xpurt_host;

/* ---- what an engine says of itself ---- */

enum {
  XPURT_TRAIT_PROCESS_THREADS = 1u, /* one thread count a process: the first session fixes it */
  XPURT_TRAIT_STREAM_ORDERED = 2u, /* with a stream, context_run returns before outputs are ready */
  XPURT_TRAIT_BYTES_FIRST = 4u,    /* reserves outputs before their shape is known */
  XPURT_TRAIT_SAVES = 8u,          /* since 0.3: what model_save wrote can be loaded (COMPILED) */
  XPURT_TRAIT_NODES = 16u          /* since 0.4: tells of the nodes of a run, where it is asked */
};

enum {
  XPURT_OPTION_BOOL = 0,
  XPURT_OPTION_INT = 1,
  XPURT_OPTION_FLOAT = 2,
  XPURT_OPTION_STRING = 3
};

/* An option of an engine. A name that ends in ".*" stands for all names with that prefix. */
typedef struct xpurt_option {
  size_t struct_size;
  const char* name;
  int32_t type;
  const char* default_value;
  const char* doc;
  const char* const* choices; /* null-terminated; null: any value of the type */
} xpurt_option;

/* Lives as long as the engine. */
typedef struct xpurt_engine_info {
  size_t struct_size;
  const char* name;
  const char* version;         /* of the runtime below, as it says it itself */
  const char* adapter_version; /* of this plug-in */
  uint32_t traits;
  uint32_t input_alignment;   /* bytes; foreign inputs aligned to less are copied by the host */
  const char* const* formats; /* file extensions that it loads ("onnx"), null-terminated */
  const xpurt_option* const* options; /* null-terminated */
  const xpurt_device* devices;        /* that it can use now, the best first */
  uint32_t device_count;
} xpurt_engine_info;

/* ---- loading ---- */

enum { XPURT_SOURCE_PATH = 0, XPURT_SOURCE_BYTES = 1, XPURT_SOURCE_COMPILED = 2 };

enum {
  XPURT_LOAD_WILL_SAVE = 1u,  /* model_save follows: keep what it takes */
  XPURT_LOAD_BYTES_STAY = 2u, /* the bytes may be read, and not written, until model_release */
  XPURT_LOAD_NODES = 4u       /* since 0.4: runs will ask for their nodes (xpurt_run_args.nodes) */
};

typedef struct xpurt_key_value {
  size_t struct_size;
  const char* key;
  const char* value;
} xpurt_key_value;

/* Shapes a dynamic input will have; rank numbers each. */
typedef struct xpurt_shape_profile {
  size_t struct_size;
  const char* input;
  uint32_t rank;
  const int64_t* min;
  const int64_t* opt;
  const int64_t* max;
} xpurt_shape_profile;

typedef struct xpurt_load_args {
  size_t struct_size;
  int32_t source;
  const char* path;  /* PATH: the file. BYTES: null */
  const void* bytes; /* BYTES, COMPILED: valid during the call, longer with BYTES_STAY */
  uint64_t byte_count;
  const char* base_folder; /* where external data is looked for; null: none */
  xpurt_device device;
  int32_t threads; /* >= 1 */
  /* option_count of them, each known to the engine, of its type; a bool is "true" or "false" */
  const xpurt_key_value* const* options;
  uint32_t option_count;
  const xpurt_shape_profile* const* profiles;
  uint32_t profile_count;
  const char* const* extra_outputs; /* names of inner values to show as outputs too */
  uint32_t extra_output_count;
  /* May be null. total 0: not known. A result other than 0 cancels the load: XPURT_CANCELLED. */
  int32_t (*progress)(void* user, const char* phase, uint64_t done, uint64_t total);
  void* progress_user;
  uint64_t flags; /* since 0.3 */
} xpurt_load_args;

enum {
  XPURT_MODEL_STATEFUL = 1u, /* a context carries state from run to run: never shared */
  XPURT_MODEL_ELASTIC = 2u   /* since 0.5: a run needs its calling thread alone; its others help */
};

typedef struct xpurt_tensor_info {
  size_t struct_size;
  const char* name;
  int32_t kind;
  int32_t dtype;
  int32_t rank;                 /* -1: not known before the run */
  const int64_t* shape;         /* -1: dynamic */
  const char* const* dim_names; /* may be null; an entry may be null */
  const int64_t* max_shape;     /* may be null; -1: no bound */
} xpurt_tensor_info;

/* What became of a cache when a model was loaded; values are frozen. */
enum {
  XPURT_CACHE_OFF = 0,
  XPURT_CACHE_HIT = 1,       /* the compiled model came from it */
  XPURT_CACHE_STORED = 2,    /* built and stored */
  XPURT_CACHE_REBUILT = 3,   /* the entry could not be used: built and stored again */
  XPURT_CACHE_NOT_STORED = 4 /* built; the reason says why it was not stored */
};

/* Of an engine that keeps compiled models by itself, and so has no model_save. */
typedef struct xpurt_cache_info {
  size_t struct_size;
  int32_t outcome;    /* XPURT_CACHE_... */
  const char* entry;  /* its file; may be null */
  const char* reason; /* why it was built again, or not stored; may be null */
} xpurt_cache_info;

/* Lives as long as the model. */
typedef struct xpurt_model_info {
  size_t struct_size;
  const xpurt_tensor_info* const* inputs;
  uint32_t input_count;
  const xpurt_tensor_info* const* outputs;
  uint32_t output_count;
  const xpurt_key_value* const* metadata;
  uint32_t metadata_count;
  int64_t opset;        /* of the default domain; 0: not known */
  const char* producer; /* may be null */
  xpurt_device device;  /* that was really built */
  uint32_t flags;
  uint32_t parallelism;                    /* runs that it can do at once; 0: no bound */
  int32_t threads;                         /* that one run uses, its calling one among them */
  const xpurt_key_value* const* placement; /* who runs how many nodes: name, count */
  uint32_t placement_count;
  const xpurt_cache_info* cache; /* since 0.5; null: the engine keeps none */
} xpurt_model_info;

/* Takes the bytes of a compiled model, in order. */
typedef struct xpurt_writer {
  size_t struct_size;
  void* self;
  xpurt_status (*write)(void* self, const void* bytes, uint64_t byte_count, xpurt_error* error);
} xpurt_writer;

/* ---- running ---- */

typedef struct xpurt_stream xpurt_stream; /* made by the device table below */

/*
 * Where outputs go. An engine either
 *  - asks for memory with reserve (again and larger, if need be), fills it, and says with commit
 *    what it holds; or
 *  - gives a buffer of its own with give; the host calls release(token) once, on any thread,
 *    perhaps after context and model are gone, and until then the engine does not write to it.
 * bound shows memory that the caller wants the output in (null data: none). reserve returns it when
 * it is large enough and fails with XPURT_INVALID_ARGUMENT when it is not; give copies into it.
 * Strings are never bound. Memory reserved for them takes the offsets, then the bytes: it begins at
 * the committed value's offsets.
 * Nothing is published before the run has succeeded.
 */
typedef struct xpurt_sink {
  size_t struct_size;
  void* self;
  xpurt_status (*bound)(void* self, uint32_t output, const xpurt_value** value, uint64_t* capacity);
  xpurt_status (*reserve)(void* self, uint32_t output, uint64_t byte_count, uint64_t alignment,
                          xpurt_device device, xpurt_stream* stream, void** data,
                          xpurt_error* error);
  xpurt_status (*commit)(void* self, uint32_t output, const xpurt_value* value, xpurt_error* error);
  xpurt_status (*give)(void* self, uint32_t output, const xpurt_value* value,
                       void (*release)(void* token), void* token, xpurt_error* error);
} xpurt_sink;

/* Tells the host of bytes that the engine copied, and why. May be null in run args. */
typedef struct xpurt_reporter {
  size_t struct_size;
  void* self;
  void (*copied)(void* self, uint64_t byte_count, const char* why);
} xpurt_reporter;

/* A node of the model, or what the engine made of some of them, in one run. */
typedef struct xpurt_node {
  size_t struct_size;
  const char* name;    /* as the model has it; may be empty, and null */
  const char* op_type; /* "Conv"; may be null */
  const char* kernel;  /* what computed it, in the engine's words; may be null */
  int64_t start_ns;    /* on the steady clock; 0: not known, then in order after the one before */
  int64_t duration_ns;
} xpurt_node;

/* Takes the nodes that a run executed, in their order; strings are copied. Called by the thread of
 * the run, before that ends. */
typedef struct xpurt_node_sink {
  size_t struct_size;
  void* self;
  void (*executed)(void* self, const xpurt_node* node);
} xpurt_node_sink;

typedef struct xpurt_run_args {
  size_t struct_size;
  uint64_t run_id;                  /* unique in the process */
  const xpurt_value* const* inputs; /* in model order; null where an optional input is left out */
  uint32_t input_count;
  uint32_t output_count;
  const xpurt_sink* sink;
  /* Null: outputs are ready when the run returns. Else they are committed before it returns and
   * written in stream order; the host holds inputs, outputs and context until the stream is done.
   */
  xpurt_stream* stream;
  int64_t deadline_ns; /* on the steady clock; 0: none */
  const xpurt_reporter* reporter;
  /* Since 0.2. Not 0: in all runs of this number the inputs lie at the same addresses with the same
   * types and shapes, and every output is bound to the same memory. When a context has ended a run
   * of that number well, it may do the next one without a look at inputs and sink: the outputs are
   * then taken to be what was committed last. */
  uint64_t repeat;
  const xpurt_node_sink* nodes; /* since 0.4. Null: nobody asks. Only after XPURT_LOAD_NODES */
} xpurt_run_args;

/* Called once, on any thread, if and only if context_start returned XPURT_OK. What failed is in the
 * error that was handed to context_start. It never enters the engine again. */
typedef void (*xpurt_done)(void* user, xpurt_status status);

/* ---- tables ---- */

/* xpurt_plugin_query("engine", XPURT_ABI_MAJOR, host). Calls on one context come one at a time,
 * context_cancel apart; all else may be called on any thread at once. */
typedef struct xpurt_engine {
  size_t struct_size;
  void* self;
  /* required */
  xpurt_status (*describe)(void* self, const xpurt_engine_info** info, xpurt_error* error);
  xpurt_status (*model_load)(void* self, const xpurt_load_args* args, xpurt_model** model,
                             xpurt_error* error);
  void (*model_release)(xpurt_model* model);
  xpurt_status (*model_info)(xpurt_model* model, const xpurt_model_info** info, xpurt_error* error);
  xpurt_status (*context_create)(xpurt_model* model, xpurt_context** context, xpurt_error* error);
  void (*context_release)(xpurt_context* context);
  xpurt_status (*context_run)(xpurt_context* context, const xpurt_run_args* args,
                              xpurt_error* error);
  /* optional */
  /* args, values and error live until done was called. */
  xpurt_status (*context_start)(xpurt_context* context, const xpurt_run_args* args, xpurt_done done,
                                void* user, xpurt_error* error);
  void (*context_cancel)(xpurt_context* context, uint64_t run_id); /* any thread; idempotent */
  xpurt_status (*context_reset)(xpurt_context* context, xpurt_error* error); /* forget state */
  xpurt_status (*model_save)(xpurt_model* model, const xpurt_writer* writer, xpurt_error* error);
  /* Writes what a compiled model depends on beyond args: driver, instruction set, GPU. */
  xpurt_status (*fingerprint)(void* self, const xpurt_load_args* args, const xpurt_writer* writer,
                              xpurt_error* error);
} xpurt_engine;

/* xpurt_plugin_query("device", XPURT_ABI_MAJOR, host): streams of one type of device. Memory,
 * copies and events are appended here when a device that has memory of its own comes. */
typedef struct xpurt_device_table {
  size_t struct_size;
  void* self;
  int32_t device_type;
  xpurt_status (*stream_create)(void* self, int32_t index, xpurt_stream** stream,
                                xpurt_error* error);
  void (*stream_release)(xpurt_stream* stream);
  /* Waits until all that was put into the stream is done; reports the first failure in it. */
  xpurt_status (*stream_synchronize)(xpurt_stream* stream, xpurt_error* error);
} xpurt_device_table;

/* xpurt_plugin_query("version", 1, host), whatever the major version of the rest is. Never changes.
 */
typedef struct xpurt_plugin_version {
  size_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;
  const char* name; /* of the engine */
} xpurt_plugin_version;

/* The exported symbol: a table of the interface in that major version, or null where there is
 * none. The table lives as long as the process. */
typedef const void* (*xpurt_plugin_query_fn)(const char* interface_name, uint32_t major,
                                             const xpurt_host* host);
#define XPURT_PLUGIN_QUERY "xpurt_plugin_query"

#if defined(__GNUC__)
#define XPURT_PLUGIN_EXPORT __attribute__((visibility("default")))
#else
#define XPURT_PLUGIN_EXPORT
#endif

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* XPURUNTIME_ENGINE_ABI_H_ */
