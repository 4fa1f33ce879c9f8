// SPDX-License-Identifier: Apache-2.0
/// What the author of an engine writes, in C++: an Engine, its Model and its Context, which
/// export.h turns into the C tables of abi.h. Header-only: a plug-in links nothing of xpuruntime.
/// Errors are thrown, as engine::Failure where the code is known; none crosses the seam.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::engine {

/// A failure with its place in the error table. Thrown by engines, caught by the adapter.
class Failure : public std::exception {
 public:
  Failure(xpurt_status status, std::string text, int64_t native = 0, uint32_t what_next = 0)
      : code(status), native_code(native), flags(what_next), text_(std::move(text)) {}

  const char* what() const noexcept override { return text_.c_str(); }

  xpurt_status code;
  int64_t native_code;     ///< the runtime's own, 0 where it has none
  uint32_t flags;          ///< XPURT_RETRYABLE, XPURT_CONTEXT_LOST, XPURT_MODEL_LOST
  uint64_t asked = 0;      ///< bytes, where the code is XPURT_OUT_OF_MEMORY
  uint64_t available = 0;  ///< bytes, where known

 private:
  std::string text_;
};

/// The host failed the call and has kept the reason: carries only the code.
struct HostFailure {
  xpurt_status code;
};

/// The host that loaded this plug-in; set before any other call.
inline const xpurt_host* host = nullptr;

inline bool logs(int32_t level) { return host != nullptr && host->log_level() <= level; }
inline void log(int32_t level, const char* engine, const std::string& text) {
  if (logs(level)) host->log(level, engine, text.c_str());
}

/// Records the exception in flight and returns its code. Call in a catch block only.
inline xpurt_status record_failure(xpurt_error* error) noexcept {
  try {
    throw;
  } catch (const HostFailure& failure) {
    return failure.code;
  } catch (const Failure& failure) {
    return host->fail(error, failure.code, failure.native_code, failure.flags, failure.asked,
                      failure.available, failure.what());
  } catch (const std::bad_alloc&) {
    return host->fail(error, XPURT_OUT_OF_MEMORY, 0, 0, 0, 0, "out of memory in the engine");
  } catch (const std::exception& failure) {
    return host->fail(error, XPURT_ENGINE, 0, 0, 0, 0, failure.what());
  } catch (...) {
    return host->fail(error, XPURT_INTERNAL, 0, 0, 0, 0, "the engine threw something unknown");
  }
}

template <typename Body>
xpurt_status guarded(xpurt_error* error, Body&& body) noexcept {
  try {
    body();
    return XPURT_OK;
  } catch (...) {
    return record_failure(error);
  }
}

struct OptionSpec {
  std::string name{};  ///< "name", or "prefix.*" for all names with that prefix
  int32_t type = XPURT_OPTION_STRING;
  std::string default_value{};
  std::string doc{};
  std::vector<std::string> choices{};
};

/// What an engine says of itself.
struct EngineSpec {
  std::string name{};
  std::string version{};
  std::string adapter_version{};
  uint32_t traits = 0;
  uint32_t input_alignment = 1;
  std::vector<std::string> formats{};
  std::vector<OptionSpec> options{};
  std::vector<xpurt_device> devices{};
};

struct TensorSpec {
  std::string name{};
  int32_t dtype = XPURT_UNDEFINED;
  bool has_rank = true;
  std::vector<int64_t> shape{};          ///< -1: dynamic
  std::vector<std::string> dim_names{};  ///< empty, or one a dimension ("" where there is none)
  std::vector<int64_t> max_shape{};      ///< empty, or one a dimension (-1: no bound)
  int32_t kind = XPURT_KIND_TENSOR;
};

/// See xpurt_cache_info.
struct CacheSpec {
  int32_t outcome = XPURT_CACHE_OFF;
  std::string entry{};
  std::string reason{};
};

struct ModelSpec {
  std::vector<TensorSpec> inputs{};
  std::vector<TensorSpec> outputs{};
  std::vector<std::pair<std::string, std::string>> metadata{};
  int64_t opset = 0;
  std::string producer{};
  xpurt_device device{XPURT_DEVICE_CPU, 0};
  uint32_t flags = 0;
  uint32_t parallelism = 0;
  int32_t threads = 1;
  std::vector<std::pair<std::string, std::string>> placement{};
  std::optional<CacheSpec> cache{};
};

/// `given`, with zeros for the members that an older host does not pass.
template <typename T>
T whole(const T& given) {
  if (given.struct_size >= sizeof(T)) return given;
  T copy{};
  std::memcpy(&copy, &given, given.struct_size);
  return copy;
}

/// What to load and how: a view of xpurt_load_args, valid during the call.
class LoadArgs {
 public:
  explicit LoadArgs(const xpurt_load_args& args) : args_(whole(args)) {}

  int32_t source() const { return args_.source; }
  std::string path() const { return args_.path != nullptr ? args_.path : ""; }
  /// Of the model, for messages: its path, where it has one.
  std::string name() const { return path().empty() ? "the model" : path(); }
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(args_.bytes), static_cast<size_t>(args_.byte_count)};
  }
  std::string base_folder() const { return args_.base_folder != nullptr ? args_.base_folder : ""; }
  xpurt_device device() const { return args_.device; }
  int32_t threads() const { return args_.threads; }

  std::span<const xpurt_key_value* const> options() const {
    return {args_.options, args_.option_count};
  }
  std::optional<std::string_view> option(std::string_view name) const {
    for (const xpurt_key_value* option : options()) {
      if (name == option->key) return option->value;
    }
    return std::nullopt;
  }
  /// An option of type XPURT_OPTION_BOOL.
  bool is_on(std::string_view name, bool otherwise) const {
    const auto value = option(name);
    return value ? *value == "1" || *value == "true" : otherwise;
  }
  /// Shapes that dynamic inputs will have.
  std::span<const xpurt_shape_profile* const> profiles() const {
    return {args_.profiles, args_.profile_count};
  }
  std::span<const char* const> extra_outputs() const {
    return {args_.extra_outputs, args_.extra_output_count};
  }

  /// Model::save() follows: what it takes is to be kept.
  bool will_save() const { return (args_.flags & XPURT_LOAD_WILL_SAVE) != 0; }
  /// bytes() may be read until the Model and its Contexts are gone.
  bool bytes_stay() const { return (args_.flags & XPURT_LOAD_BYTES_STAY) != 0; }
  /// For an engine with XPURT_TRAIT_NODES: runs will want to know of their nodes.
  bool wants_nodes() const { return (args_.flags & XPURT_LOAD_NODES) != 0; }

  /// Tells how far a long load is (total 0: not known); throws when the caller cancels it.
  void progress(const char* phase, uint64_t done, uint64_t total) const {
    if (args_.progress != nullptr && args_.progress(args_.progress_user, phase, done, total) != 0) {
      throw Failure(XPURT_CANCELLED, std::string("the load was cancelled during ") + phase);
    }
  }

 private:
  xpurt_load_args args_;
};

/// The elements of a tensor of strings, valid as long as the value.
inline std::vector<std::string_view> strings_of(const xpurt_value& value) {
  uint64_t count = 1;
  for (int32_t d = 0; d < value.rank; ++d) count *= static_cast<uint64_t>(value.shape[d]);
  std::vector<std::string_view> strings;
  strings.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    strings.emplace_back(static_cast<const char*>(value.data) + value.offsets[i],
                         static_cast<size_t>(value.offsets[i + 1] - value.offsets[i]));
  }
  return strings;
}

/// A node that a run executed: see xpurt_node.
struct ExecutedNode {
  const char* name = nullptr;
  const char* op_type = nullptr;
  const char* kernel = nullptr;
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
};

/// One run: inputs, and the sink that outputs go to. A cheap view, valid until the run has ended.
class RunArgs {
 public:
  RunArgs(const xpurt_run_args& args, xpurt_error* error) : args_(whole(args)), error_(error) {}

  uint64_t run_id() const { return args_.run_id; }
  uint32_t input_count() const { return args_.input_count; }
  uint32_t output_count() const { return args_.output_count; }
  const xpurt_value& input(uint32_t i) const { return *args_.inputs[i]; }
  bool has_input(uint32_t i) const { return args_.inputs[i] != nullptr; }
  xpurt_stream* stream() const { return args_.stream; }
  int64_t deadline_ns() const { return args_.deadline_ns; }
  /// Not 0: as every run of this number, down to the addresses (see xpurt_run_args).
  uint64_t repeat() const { return args_.repeat; }

  /// Throws where the run has not as many inputs and outputs as the model.
  void check_counts(size_t inputs, size_t outputs) const {
    if (input_count() == inputs && output_count() == outputs) return;
    throw Failure(XPURT_INVALID_ARGUMENT, "expected " + std::to_string(inputs) + " inputs and " +
                                              std::to_string(outputs) + " outputs, got " +
                                              std::to_string(input_count()) + " and " +
                                              std::to_string(output_count()));
  }
  /// For a runtime that cannot end a run: throws where it would begin too late.
  void check_deadline() const {
    if (deadline_ns() == 0) return;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    if (std::chrono::nanoseconds(now).count() >= deadline_ns()) {
      throw Failure(XPURT_DEADLINE_EXCEEDED, "the deadline passed before the run began");
    }
  }

  /// Memory that the caller wants output `i` in, with its dtype, shape and capacity in bytes.
  const xpurt_value* bound(uint32_t i, uint64_t* capacity) const {
    const xpurt_value* value = nullptr;
    check(args_.sink->bound(args_.sink->self, i, &value, capacity));
    return value;
  }
  /// Memory for output `i`: the bound one, else the host's. May be asked again, and larger.
  void* reserve(uint32_t i, uint64_t byte_count, uint64_t alignment = 64,
                xpurt_device device = {XPURT_DEVICE_CPU, 0}) const {
    void* data = nullptr;
    check(args_.sink->reserve(args_.sink->self, i, byte_count, alignment, device, args_.stream,
                              &data, error_));
    return data;
  }
  /// Says what reserved memory holds now.
  void commit(uint32_t i, int32_t dtype, std::span<const int64_t> shape, void* data,
              uint64_t byte_count) const {
    const xpurt_value value = tensor(dtype, shape, data, byte_count);
    check(args_.sink->commit(args_.sink->self, i, &value, error_));
  }
  /// Memory for `count` strings of `byte_count` bytes in all: the offsets, to be written from 0 on,
  /// one more than there are strings, and behind them the bytes.
  int64_t* reserve_strings(uint32_t i, uint64_t count, uint64_t byte_count) const {
    return static_cast<int64_t*>(reserve(i, (count + 1) * sizeof(int64_t) + byte_count));
  }
  /// Says that the memory holds `shape` of strings now.
  void commit_strings(uint32_t i, std::span<const int64_t> shape, const int64_t* offsets,
                      uint64_t count) const {
    xpurt_value value = tensor(XPURT_STRING, shape, const_cast<int64_t*>(offsets + count + 1),
                               static_cast<uint64_t>(offsets[count]));
    value.offsets = offsets;
    check(args_.sink->commit(args_.sink->self, i, &value, error_));
  }
  /// Both at once, with a copy of `strings`.
  void write_strings(uint32_t i, std::span<const int64_t> shape,
                     std::span<const std::string_view> strings) const {
    uint64_t byte_count = 0;
    for (const std::string_view string : strings) byte_count += string.size();
    int64_t* const offsets = reserve_strings(i, strings.size(), byte_count);
    char* to = reinterpret_cast<char*>(offsets + strings.size() + 1);
    offsets[0] = 0;
    for (size_t k = 0; k < strings.size(); ++k) {
      strings[k].copy(to + offsets[k], strings[k].size());
      offsets[k + 1] = offsets[k] + static_cast<int64_t>(strings[k].size());
    }
    commit_strings(i, shape, offsets, strings.size());
  }
  /// Hands out a buffer of the engine's own; `release(token)` is called once, on any thread, also
  /// when this throws.
  void give(uint32_t i, const xpurt_value& value, void (*release)(void*), void* token) const {
    check(args_.sink->give(args_.sink->self, i, &value, release, token, error_));
  }
  void copied(uint64_t byte_count, const char* why) const {
    if (args_.reporter != nullptr) {
      args_.reporter->copied(args_.reporter->self, byte_count, why);
    }
  }

  /// Is the host to be told of the nodes that the run executes?
  bool wants_nodes() const { return args_.nodes != nullptr; }
  /// Tells of one, in their order.
  void executed(const ExecutedNode& node) const {
    if (args_.nodes == nullptr) return;
    const xpurt_node told{sizeof(xpurt_node), node.name,     node.op_type,
                          node.kernel,        node.start_ns, node.duration_ns};
    args_.nodes->executed(args_.nodes->self, &told);
  }

  static xpurt_value tensor(int32_t dtype, std::span<const int64_t> shape, void* data,
                            uint64_t byte_count) {
    xpurt_value value{};
    value.struct_size = sizeof(xpurt_value);
    value.kind = XPURT_KIND_TENSOR;
    value.dtype = dtype;
    value.rank = static_cast<int32_t>(shape.size());
    value.shape = shape.data();
    value.data = data;
    value.byte_size = byte_count;
    return value;
  }

 private:
  static void check(xpurt_status status) {
    if (status != XPURT_OK) throw HostFailure{status};
  }

  xpurt_run_args args_;
  xpurt_error* error_;
};

/// Ends a run that Context::start began: call it once, with the failure or nullptr.
class Done {
 public:
  Done(xpurt_done done, void* user, xpurt_error* error) : done_(done), user_(user), error_(error) {}
  void operator()(std::exception_ptr failure = nullptr) const noexcept {
    xpurt_status status = XPURT_OK;
    if (failure) {
      status = guarded(error_, [&] { std::rethrow_exception(failure); });
    }
    done_(user_, status);
  }

 private:
  xpurt_done done_;
  void* user_;
  xpurt_error* error_;
};

/// Takes bytes of a compiled model or a fingerprint.
class Writer {
 public:
  Writer(const xpurt_writer& writer, xpurt_error* error) : writer_(writer), error_(error) {}
  void write(std::string_view bytes) const {
    const xpurt_status status = writer_.write(writer_.self, bytes.data(), bytes.size(), error_);
    if (status != XPURT_OK) throw HostFailure{status};
  }

 private:
  const xpurt_writer& writer_;
  xpurt_error* error_;
};

/// Keeps the first exception thrown inside an SDK's callbacks, which exceptions must not leave, so
/// that it, rather than the SDK's words about it, is what the caller reads. Thread-safe.
class CallbackErrors {
 public:
  /// Runs `body`; false if it threw.
  template <typename Body>
  bool run(Body&& body) noexcept {
    try {
      body();
      return true;
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!first_) first_ = std::current_exception();
      return false;
    }
  }
  void rethrow() {
    const std::lock_guard lock(mutex_);
    if (first_) std::rethrow_exception(std::exchange(first_, nullptr));
  }

 private:
  std::mutex mutex_;
  std::exception_ptr first_;
};

[[noreturn]] inline void unsupported(const char* what) {
  throw Failure(XPURT_UNSUPPORTED_OPERATION, std::string("this engine does not support ") + what);
}

/// What one run needs. Calls come one at a time, cancel() apart, which comes on any thread.
class Context {
 public:
  virtual ~Context() = default;
  virtual void run(const RunArgs& args) = 0;
  /// Begins a run and returns; `done` is called once unless this throws. `args` stay valid until.
  virtual void start(const RunArgs& /*args*/, Done /*done*/) { unsupported("asynchronous runs"); }
  /// Stops the run with that id if it is going on, and does nothing otherwise.
  virtual void cancel(uint64_t /*run_id*/) noexcept {}
  virtual void reset() { unsupported("resetting state"); }
};

/// One loaded model: immutable; create_context() may be called on any thread.
class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelSpec& spec() const = 0;
  virtual std::unique_ptr<Context> create_context() = 0;
  /// For an engine with XPURT_TRAIT_SAVES: the compiled model, as load() takes it back
  /// (XPURT_SOURCE_COMPILED).
  virtual void save(const Writer& /*writer*/) { unsupported("saving compiled models"); }
};

/// Adapter to one runtime: one a process, made on first use; all calls may come on any thread.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Throws XPURT_ENGINE_NOT_INSTALLED, with what to install, when the runtime is not there.
  virtual const EngineSpec& spec() = 0;
  virtual std::unique_ptr<Model> load(const LoadArgs& args) = 0;
  /// What a saved model depends on beyond `args` and the engine's version: driver, instruction set,
  /// GPU. Throws XPURT_UNSUPPORTED_OPERATION where a model loaded so cannot be saved.
  virtual void fingerprint(const LoadArgs& /*args*/, const Writer& /*writer*/) {}
};

}  // namespace xpuruntime::engine
