// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/export.h"
#include "xpuruntime/io_binding.h"
#include "xpuruntime/memory_pool.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"
#include "xpuruntime/session_config.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

class SessionState;

/// A loaded model, ready to run. Thread-safe: concurrent run() calls each lease their own Context.
/// Outputs own their memory and outlive the session. Runs on other threads have returned before it
/// is destroyed; close() may come at any time and waits for them.
class XPURT_API InferenceSession {
 public:
  /// Loads a model file with the engine and device asked for, or along the caller's fallback list.
  /// Throws ModelNotFoundError, InvalidArgumentError (malformed model, options),
  /// UnsupportedOperationError (engine, operator), UnavailableError, EngineNotInstalledError.
  explicit InferenceSession(const std::filesystem::path& model, const SessionConfig& config = {});
  /// As above, from the bytes of a model file, which are not needed after the call.
  explicit InferenceSession(std::span<const std::byte> model, const SessionConfig& config = {});
  InferenceSession(InferenceSession&&) noexcept;
  InferenceSession& operator=(InferenceSession&&) noexcept;
  ~InferenceSession();  ///< close()

  /// Runs the model once; outputs come in the model's order, shaped by the run.
  /// Throws InvalidArgumentError (name, dtype, rank, dimension), InvalidStateError (closed),
  /// OutOfMemoryError, EngineError. A run that fails gives no output.
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

  /// Waits for the runs that go on and frees model and Contexts; later runs throw
  /// InvalidStateError. Idempotent.
  void close();
  bool is_open() const noexcept;

 private:
  std::shared_ptr<SessionState> state_;
};

}  // namespace xpuruntime
