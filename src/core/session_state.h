// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "context_pool.h"
#include "latency_window.h"
#include "loaded_model.h"
#include "run_extras.h"
#include "timer.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session_config.h"

namespace xpuruntime {

class NodeLog;
class SessionJobs;

/// What a session, its bindings and its jobs share.
class SessionState : public std::enable_shared_from_this<SessionState> {
 public:
  SessionState(const std::shared_ptr<LoadedModel>& model, const SessionConfig& config,
               Clock& clock = Clock::steady());
  ~SessionState();
  /// Builds what the config asks for and hands it to `accept`, which refuses it by AgreementError;
  /// then the next choice comes.
  using Accept = std::function<void(const std::shared_ptr<SessionState>& state)>;
  static void open(const ModelSource& source, const SessionConfig& config, const Accept& accept,
                   Clock& clock = Clock::steady());

  /// A Context for one run. Throws InvalidStateError (closed), UnsupportedOperationError (the model
  /// takes or gives something other than tensors).
  ContextPool::Lease lease() {
    if (!is_plain_) [[unlikely]]
      check_tensors_only();
    return contexts->lease();
  }
  ContextPool::Lease lease(const ContextPool::WaitLimit& limit);
  /// Throws UnsupportedOperationError.
  void check_tensors_only() const;
  /// Runs a frame whose inputs are set. Throws unless the run succeeded, and then the frame holds
  /// no output. Null extras: none.
  void execute(ContextPool::Lease& lease, RunFrame& frame, const RunExtras* extras);
  RunReport new_report() const;  ///< Says which engine and device.

  void close(CloseMode mode, std::optional<std::chrono::nanoseconds> timeout);
  /// For the end of the session, also inside one of its callbacks.
  void close_for_good() noexcept;
  void interrupt(std::thread::id thread) noexcept;  ///< See InferenceSession.
  LatencyStatistics statistics() const;

  size_t input_index(std::string_view name) const;   ///< Throws InvalidArgumentError.
  size_t output_index(std::string_view name) const;  ///< Throws InvalidArgumentError.
  MemoryPool::State& memory_state() noexcept { return *memory.state_; }

  ModelInfo info;  // a copy: close() frees the model's
  SessionReport report;
  std::string where;  // "engine onnxrt, model a.onnx"
  NamedTensors::Names input_names;
  NamedTensors::Names output_names;
  uint32_t input_alignment = 1;
  bool is_stateful = false;
  MemoryPool memory;
  Timer timer;
  std::unique_ptr<ContextPool> contexts;
  std::shared_ptr<Profiler> profiler;         // null: nobody wants to know
  std::shared_ptr<const std::string> source;  // `where`, for the profiler
  std::unique_ptr<SessionJobs> jobs;

 private:
  xpurt_status call_engine(ContextPool::Lease& lease, const xpurt_run_args& args, RunFrame& frame);
  [[gnu::noinline]] void execute_with(ContextPool::Lease& lease, RunFrame& frame,
                                      const RunExtras& extras);
  void record(Context& context, TimePoint begin, TimePoint end, const RunExtras& extras,
              NodeLog* nodes);
  void check_outputs(ContextPool::Lease& lease, RunFrame& frame, xpurt_status status,
                     const RunControl* control);

  bool profiles_nodes_ = false;
  bool is_plain_ = true;      // all inputs and outputs are tensors
  int32_t gate_threads_ = 0;  // that a run has to have here
  LatencyWindow latencies_;
};

}  // namespace xpuruntime
