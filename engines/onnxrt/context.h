// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "handle.h"
#include "model.h"
#include "status.h"
#include "value_cache.h"
#include "xpuruntime/engine/engine.h"
#include "xpuruntime/engine/run_gate.h"

namespace xpuruntime::onnxrt {

/// Runs a session. Outputs whose shape is known before the run go into memory of the host's, which
/// stays bound for as long as neither it nor a shape changes; the others come in memory of ONNX
/// Runtime's, which is handed out without a copy. A run in which nothing changed binds and
/// allocates nothing here.
class OnnxContext : public engine::Context {
 public:
  explicit OnnxContext(std::shared_ptr<const LoadedModel> model);

  void run(const engine::RunArgs& args) override;
  void cancel(uint64_t run_id) noexcept override;

 protected:
  OrtRunOptions* run_options() const noexcept { return run_options_.get(); }

 private:
  /// Where an output goes.
  enum class Way : uint8_t {
    kUndecided,
    kReserved,    ///< into the host's memory, in a shape that follows from the inputs
    kBoundShape,  ///< into the caller's memory, in the shape that the caller says
    kGiven,       ///< into ONNX Runtime's own
    kCopied,      ///< it is an input
  };
  struct Input {
    TensorKey key;  ///< of the last run
    const char* name = nullptr;
    const ValueCache::Entry* entry = nullptr;
    uint64_t bound_serial = 0;  ///< of the entry in binding_
    ValueCache cache;
    ValueCache::Entry strings;  ///< a value that holds a copy of this run's, where they are any
  };
  struct Output {
    void* data = nullptr;
    uint64_t bytes = 0;
    std::vector<int64_t> shape;
    int32_t dtype = 0;
    Way way = Way::kUndecided;
    Way logged_way = Way::kUndecided;
    bool is_trusted = true;   ///< the shape that was expected was never wrong
    bool is_suspect = false;  ///< in this run it may have been
    const char* name = nullptr;
    const ValueCache::Entry* entry = nullptr;
    uint64_t bound_serial = 0;
    ValueCache cache;

    /// Is host memory made ready for it before the run?
    bool is_prepared() const { return way == Way::kReserved || way == Way::kBoundShape; }
  };
  class Running;
  void run_anew(const engine::RunArgs& args);
  using Values = std::vector<Value>;

  [[gnu::noinline]] void plan(const engine::RunArgs& args);
  void check_counts(const engine::RunArgs& args) const;
  bool inputs_are_same(const engine::RunArgs& args) const;
  void take_inputs(const engine::RunArgs& args);
  void copy_strings(Input& input, const xpurt_value& value) const;
  void plan_outputs(const engine::RunArgs& args);
  Way plan_output(const engine::RunArgs& args, uint32_t i);
  bool take_bound_shape(const engine::RunArgs& args, uint32_t i);
  [[gnu::noinline]] void view_output(Output& output, void* data);
  OrtStatus* run_bound();
  [[gnu::noinline]] void bind();
  [[gnu::noinline]] OrtStatus* run_fetching(const engine::RunArgs& args, Values& given);
  [[gnu::noinline]] void recover(const engine::RunArgs& args, Problem problem, Running& running,
                                 Values& given);
  bool distrust_shapes(const Problem& problem);
  [[gnu::noinline]] void deliver(const engine::RunArgs& args, uint32_t i, Values& given);
  void give(const engine::RunArgs& args, uint32_t i, Value value);
  void give_strings(const engine::RunArgs& args, uint32_t i, const OrtValue* value,
                    std::span<const int64_t> shape) const;
  void copy_input(const engine::RunArgs& args, uint32_t i);
  void log_way(Output& output) const;

  const std::shared_ptr<const LoadedModel> model_;
  const OrtApi& api_;
  RunOptions run_options_;
  IoBinding binding_;
  engine::RunGate gate_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  bool is_planned_ = false;  ///< the outputs' ways and shapes are right for the inputs' keys
  bool all_bound_ = false;   ///< no output is given
  bool is_bound_ = false;    ///< binding_ holds the entries of inputs and outputs
  uint64_t repeat_ = 0;      ///< binding_ holds what all runs of this number need; 0: none
  // Arguments of a run that fetches outputs from ONNX Runtime.
  std::vector<const char*> input_names_;
  std::vector<const OrtValue*> input_values_;
  std::vector<uint32_t> fetched_outputs_;  ///< all but the copied ones
  std::vector<const char*> fetched_names_;
  std::vector<OrtValue*> fetched_;
};

}  // namespace xpuruntime::onnxrt
