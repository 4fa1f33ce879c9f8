// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "xpuruntime/batch.h"
#include "xpuruntime/export.h"
#include "xpuruntime/io_binding.h"
#include "xpuruntime/job.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"
#include "xpuruntime/run_options.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/statistics.h"
#include "xpuruntime/stream.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

class SessionState;
struct ModelSource;

/// A loaded model, ready to run. Thread-safe: concurrent run() calls each lease their own Context.
/// Outputs own their memory and outlive the session. Runs on other threads have returned before it
/// is destroyed; close() may come at any time and waits for them. Inside a callback of its own
/// jobs, what waits (run(), wait(), close()) throws InvalidStateError.
class XPURT_API InferenceSession {
 public:
  /// Loads a model file with the engine and device asked for, or along the caller's fallback list.
  /// Throws ModelNotFoundError, InvalidArgumentError (malformed model, options),
  /// UnsupportedOperationError (engine, operator), UnavailableError, EngineNotInstalledError,
  /// AgreementError and what else a validator throws.
  explicit InferenceSession(const std::filesystem::path& model, const SessionConfig& config = {});
  /// As above, from the bytes of a model file, which are not needed after the call.
  explicit InferenceSession(std::span<const std::byte> model, const SessionConfig& config = {});
  InferenceSession(InferenceSession&&) noexcept;
  InferenceSession& operator=(InferenceSession&&) noexcept;
  /// close(), with every error passed over. In a callback of its own jobs, which may be the last to
  /// hold it: cancels the others, and waits for none.
  ~InferenceSession();

  /// Runs the model once; outputs come in the model's order, shaped by the run.
  /// Throws InvalidArgumentError (name, dtype, rank, dimension), InvalidStateError (closed, inside
  /// a callback), OutOfMemoryError, DeadlineExceededError and CancelledError (as `options` ask
  /// for), EngineError. A run that fails gives no output.
  NamedTensors run(const NamedTensors& inputs, const RunOptions& options = {}) const;
  /// The same with inputs and outputs in the model's order.
  std::vector<Tensor> run(std::span<const Tensor> inputs, const RunOptions& options = {}) const;
  /// Runs into memory that the caller gives, in the model's order; an empty Tensor is left to the
  /// engine. A given tensor that turns out larger than the output comes back reshaped, over the
  /// same memory. Throws InvalidArgumentError also when one is too small or they overlap.
  void run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
           const RunOptions& options = {}) const;
  /// Runs with what is bound; the results are binding.outputs().
  /// Throws InvalidArgumentError also when an input is not bound or memory is too small.
  void run(IOBinding& binding, const RunOptions& options = {}) const;
  IOBinding create_io_binding() const;

  /// Queues a run and returns. Jobs begin in order of priority, then of submission, at most
  /// report().contexts at once; what they need is leased when they begin. `callback` is called
  /// once, on a thread of the session's, when the run has ended or will never be; callbacks of
  /// several jobs may come at once. One that throws fails its job and no other. Throws
  /// InvalidArgumentError (inputs), InvalidStateError (closed), OutOfMemoryError (no room for
  /// copies); when the queue is full, as SessionConfig::when_full says, QueueFullError, and that
  /// also where it would block inside a callback. While it blocks, DeadlineExceededError and
  /// CancelledError.
  Job run_async(const NamedTensors& inputs, const RunOptions& options = {},
                JobCallback callback = nullptr) const;
  /// The same with inputs in the model's order.
  Job run_async(std::span<const Tensor> inputs, const RunOptions& options = {},
                JobCallback callback = nullptr) const;
  /// Called for the jobs to come that have no callback of their own; nullptr: none is.
  void register_callback(JobCallback callback) const;
  /// As Job::wait(), by id: for jobs that wait or run, and for the last `queue_size` that ended, as
  /// long as a Job refers to them or nobody waited for them. Throws InvalidArgumentError for
  /// others.
  NamedTensors wait(uint64_t job_id) const;
  NamedTensors wait(uint64_t job_id, std::chrono::nanoseconds timeout) const;
  /// The job that wait() would wait for. Throws InvalidArgumentError as that does.
  Job job(uint64_t id) const;

  /// Runs all items on this thread, joined along the first dimension into as few runs as
  /// SessionConfig::max_batch_size allows, where the model's declaration and the items' shapes
  /// agree; else one by one. Items may have any number of rows. One result an item, in order; an
  /// item that fails fails alone, nothing is thrown for it. Outputs of items that were joined share
  /// memory, which is released with the last of them.
  std::vector<BatchResult> run_batch(std::span<const NamedTensors> items,
                                     const RunOptions& options = {}) const;
  /// The same with each item's inputs in the model's order.
  std::vector<BatchResult> run_batch(std::span<const std::vector<Tensor>> items,
                                     const RunOptions& options = {}) const;
  /// Each row of inputs that all have as many is an item. Throws InvalidArgumentError when they
  /// have not.
  std::vector<BatchResult> run_batch(const NamedTensors& rows,
                                     const RunOptions& options = {}) const;
  /// Runs what `next_input` gives, `in_flight` jobs at once at most (0: twice report().contexts).
  RunStream stream(NextInput next_input, uint32_t in_flight = 0,
                   const RunOptions& options = {}) const;

  /// Cancels the synchronous run that goes on, or waits, on that thread, as RunOptions::stop_token
  /// would; nothing where there is none. It costs runs nothing, so any run can be ended so: what
  /// Ctrl-C does in Python. An engine may pass over one that comes as its run begins: say it again
  /// until the run has ended. Any thread; while the session is open or its run goes on.
  void interrupt(std::thread::id thread) const noexcept;

  /// Runs `runs` times with zeros, dynamic dimensions taken as 1, so that what an engine sets up on
  /// its first run is done. Throws what run() throws.
  void warm_up(int runs = 1) const;

  const ModelInfo& model_info() const;
  const std::vector<TensorInfo>& input_info() const { return model_info().inputs; }
  const std::vector<TensorInfo>& output_info() const { return model_info().outputs; }
  bool has_dynamic_output() const;             ///< Is some output's shape known only by a run?
  std::vector<uint64_t> output_sizes() const;  ///< bytes an output; 0 for a dynamic one

  const std::string& engine_name() const;
  Device device() const;
  const SessionReport& report() const;
  MemoryPool& memory() const;  ///< what outputs without given memory live in
  LatencyStatistics statistics() const;

  /// Takes no more runs, which throw InvalidStateError from now on, waits for those that go on and
  /// for jobs (kCancel: cancels them first), and frees model and Contexts. Throws
  /// DeadlineExceededError when `timeout` passes before that; call again to go on. Idempotent.
  void close(CloseMode mode = CloseMode::kDrain,
             std::optional<std::chrono::nanoseconds> timeout = std::nullopt);
  bool is_open() const noexcept;

 private:
  explicit InferenceSession(std::shared_ptr<SessionState> state);
  static InferenceSession open(const ModelSource& source, const SessionConfig& config);

  std::shared_ptr<SessionState> state_;
};

}  // namespace xpuruntime
