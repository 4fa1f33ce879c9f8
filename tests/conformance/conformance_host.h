// SPDX-License-Identifier: Apache-2.0
/// A small host for one engine: what stands on the other side of abi.h in the conformance suite.
/// It uses the C tables directly and nothing of libxpuruntime, so that an author of an engine can
/// build the suite with the public headers and GoogleTest alone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tensor.h"
#include "xpuruntime/engine/abi.h"

namespace xpuruntime::conformance {

/// How a call ended. `failures` counts host->fail; the first one is kept.
struct Outcome {
  xpurt_status status = XPURT_OK;  ///< that the call returned
  xpurt_status code = XPURT_OK;    ///< that host->fail was told first
  int64_t native_code = 0;
  uint32_t flags = 0;
  uint64_t asked = 0;
  uint64_t available = 0;
  std::string text;
  int failures = 0;

  bool ok() const { return status == XPURT_OK; }
};

/// What an xpurt_error is in this host. Thread-safe.
class Error {
 public:
  xpurt_error* get() { return reinterpret_cast<xpurt_error*>(this); }
  static Error& of(xpurt_error* error) { return *reinterpret_cast<Error*>(error); }
  void record(const Outcome& failure);
  Outcome outcome(xpurt_status status) const;

 private:
  mutable std::mutex mutex_;
  Outcome first_;
};

/// The table that engines get; the same one always.
const xpurt_host* host();

/// A struct cut after `size` bytes, as an older host would pass it, with garbage behind it.
template <typename T>
class Cut {
 public:
  explicit Cut(const T& whole, size_t size = sizeof(T)) : memory_(new std::byte[size + kBehind]) {
    std::memset(memory_.get(), 0xDD, size + kBehind);
    std::memcpy(memory_.get(), &whole, size);
    std::memcpy(memory_.get(), &size, sizeof(size));  // struct_size comes first, always
  }
  T* get() { return reinterpret_cast<T*>(memory_.get()); }

 private:
  static constexpr size_t kBehind = sizeof(T);
  std::unique_ptr<std::byte[]> memory_;
};

/// Where the outputs of one run go. Keeps all memory that it reserved until it dies, and notes
/// what an engine must not do to a sink. Thread-safe, as runs may end on another thread.
class Sink {
 public:
  struct Output {
    int32_t dtype = XPURT_UNDEFINED;
    uint32_t flags = 0;
    std::vector<int64_t> shape;
    std::byte* data = nullptr;
    uint64_t bytes = 0;
    bool given = false;
  };

  explicit Sink(size_t outputs);
  ~Sink();
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  /// The caller's memory for an output; `shape` as the caller thinks it will be.
  void bind(uint32_t output, int32_t dtype, std::vector<int64_t> shape, void* data,
            uint64_t capacity);
  /// Reserves fail from now on, as in a host without memory.
  void refuse(bool on) { refuse_ = on; }
  const xpurt_sink* get() const { return &table_; }

  /// What was committed or given; null where nothing was.
  const Output* output(uint32_t i) const;
  Tensor copy(uint32_t i) const;
  /// Releases what was given, as a host does after a failed run or when the last tensor is gone.
  void release_given();
  bool guards_intact() const;
  int reserves() const { return reserves_; }
  int gives() const { return gives_; }
  /// What the engine did wrong, in words; empty when nothing.
  std::string violations() const;

 private:
  struct Slot {
    std::optional<xpurt_value> bound;
    std::vector<int64_t> bound_shape;
    uint64_t capacity = 0;
    std::vector<std::shared_ptr<GuardedMemory>> reserved;
    std::optional<Output> output;
    void (*release)(void*) = nullptr;
    void* token = nullptr;
  };
  xpurt_status bound(uint32_t output, const xpurt_value** value, uint64_t* capacity);
  xpurt_status reserve(uint32_t output, uint64_t bytes, uint64_t alignment, void** data,
                       xpurt_error* error);
  xpurt_status commit(uint32_t output, const xpurt_value& value, xpurt_error* error);
  xpurt_status give(uint32_t output, const xpurt_value& value, void (*release)(void*), void* token,
                    xpurt_error* error);
  xpurt_status fail(xpurt_error* error, xpurt_status code, const std::string& text);
  bool take(uint32_t output, const xpurt_value& value);
  void violation(uint32_t output, const std::string& what);
  static Sink& of(void* self) { return *static_cast<Sink*>(self); }

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  xpurt_sink table_{};
  bool refuse_ = false;
  int reserves_ = 0;
  int gives_ = 0;
  std::string violations_;
};

/// What a run may be given beyond inputs and sink.
struct RunOptions {
  uint64_t id = 0;  ///< 0: the next one
  xpurt_stream* stream = nullptr;
  int64_t deadline_ns = 0;
  uint64_t repeat = 0;
  bool reporter = true;
  size_t args_size = sizeof(xpurt_run_args);
  size_t value_size = sizeof(xpurt_value);
  std::vector<uint32_t> donated{};
};

uint64_t next_run_id();

/// All that one run passes to an engine; outlives the run.
class RunCall {
 public:
  RunCall(const std::vector<Tensor>& inputs, Sink& sink, size_t outputs,
          const RunOptions& options = {});
  const xpurt_run_args* args() { return args_->get(); }
  uint64_t id() const { return id_; }
  Error& error() { return error_; }
  uint64_t copied() const { return copied_; }
  /// For tests that pass something strange.
  xpurt_value& value(size_t i) { return *values_[i].get(); }
  void leave_out(size_t i) { pointers_[i] = nullptr; }

 private:
  std::vector<Cut<xpurt_value>> values_;
  std::vector<std::vector<int64_t>> shapes_;
  std::vector<const xpurt_value*> pointers_;
  xpurt_reporter reporter_{};
  std::optional<Cut<xpurt_run_args>> args_;
  Error error_;
  uint64_t id_;
  uint64_t copied_ = 0;
};

class Model;

/// A context of an engine's model; released when it goes.
class Context {
 public:
  Context(const xpurt_engine* engine, xpurt_context* context)
      : engine_(engine), context_(context) {}
  ~Context() { reset(); }
  Context(Context&& other) noexcept
      : engine_(other.engine_), context_(std::exchange(other.context_, nullptr)) {}

  xpurt_context* get() const { return context_; }
  void reset() {
    if (context_ != nullptr) engine_->context_release(std::exchange(context_, nullptr));
  }
  Outcome run(RunCall& call) const;
  /// Runs, checks that the sink was treated well, and releases what was given if it failed.
  Outcome run(const std::vector<Tensor>& inputs, Sink& sink, size_t outputs,
              const RunOptions& options = {}) const;
  void cancel(uint64_t run_id) const;

 private:
  const xpurt_engine* engine_;
  xpurt_context* context_;
};

/// A run begun with context_start.
class Job {
 public:
  /// `call` outlives the job.
  Job(const xpurt_engine* engine, const Context& context, RunCall& call);
  /// How the start ended.
  const Outcome& started() const { return started_; }
  /// Waits for done and returns how the run ended.
  Outcome wait();
  int dones() const { return dones_; }

 private:
  RunCall& call_;
  Outcome started_;
  std::latch done_{1};
  xpurt_status status_ = XPURT_OK;
  std::atomic<int> dones_{0};
};

/// What a load is given beyond the engine's own needs.
struct LoadOptions {
  xpurt_device device{XPURT_DEVICE_CPU, 0};
  int32_t threads = 1;
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::string> extra_outputs;
  int32_t (*progress)(void* user, const char* phase, uint64_t done, uint64_t total) = nullptr;
  void* progress_user = nullptr;
  size_t args_size = sizeof(xpurt_load_args);
};

/// A model, from a file or from bytes.
struct Source {
  int32_t kind = XPURT_SOURCE_PATH;
  std::string content;  ///< the path or the bytes

  static Source path(std::string file) { return {XPURT_SOURCE_PATH, std::move(file)}; }
  static Source bytes(std::string content) { return {XPURT_SOURCE_BYTES, std::move(content)}; }
  static Source compiled(std::string content) {
    return {XPURT_SOURCE_COMPILED, std::move(content)};
  }
  /// The same model as bytes.
  Source as_bytes() const;
};

/// A loaded model; released when it goes.
class Model {
 public:
  Model(const xpurt_engine* engine, xpurt_model* model) : engine_(engine), model_(model) {}
  ~Model() { reset(); }
  Model(Model&& other) noexcept
      : engine_(other.engine_), model_(std::exchange(other.model_, nullptr)) {}

  xpurt_model* get() const { return model_; }
  void reset() {
    if (model_ != nullptr) engine_->model_release(std::exchange(model_, nullptr));
  }
  const xpurt_model_info& info() const;
  size_t outputs() const { return info().output_count; }
  Context context() const;

 private:
  const xpurt_engine* engine_;
  xpurt_model* model_;
};

/// The tables of an engine. Throws std::runtime_error when a plug-in cannot be opened.
class Plugin {
 public:
  /// From a file; stays loaded, as engines do. Every load gets `options` too.
  static Plugin open(const std::string& file,
                     std::vector<std::pair<std::string, std::string>> options = {});
  explicit Plugin(xpurt_plugin_query_fn entry);

  xpurt_plugin_query_fn query() const { return query_; }
  const xpurt_plugin_version* version() const { return version_; }
  const xpurt_engine* engine() const { return engine_; }
  const xpurt_device_table* device() const { return device_; }
  const xpurt_engine_info& info() const;

  Outcome try_load(const Source& source, const LoadOptions& options, xpurt_model** model) const;
  /// Throws std::runtime_error with the engine's words when it does not load.
  Model load(const Source& source, const LoadOptions& options = {}) const;
  /// Writes what fingerprint() says into `text`.
  Outcome fingerprint(const Source& source, const LoadOptions& options, std::string& text) const;
  Outcome save(const Model& model, std::string& bytes) const;

 private:
  xpurt_plugin_query_fn query_;
  const xpurt_plugin_version* version_;
  const xpurt_engine* engine_;
  const xpurt_device_table* device_;
  std::vector<std::pair<std::string, std::string>> options_;
};

}  // namespace xpuruntime::conformance
