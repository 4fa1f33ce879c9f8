// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <openvino/runtime/compiled_model.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "compiled_blob.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {

/// In which thread OpenVINO runs. With one thread in all, it has a short way through the caller's
/// thread (seen with 2026.4.1), on which exceptions of a run are lost and it cannot be cancelled.
/// With more, each thread that calls gets a TBB arena of its own, and those of four callers or more
/// take a fifth of the throughput: long runs of callers that take turns go to the one of OpenVINO's
/// thread, which costs them up to 90 us.
enum class RunMode {
  kHere,         ///< in the caller's, there are more threads: unless runs are long and take turns
  kHereIfShort,  ///< the same, by the short way while runs are short: this graph does not throw
  kElsewhere,    ///< in OpenVINO's: a graph of dynamic shapes may throw in each run
};

/// A compiled model, whose graph may have to be made again. A run of dynamic shapes that ends early
/// leaves nodes behind whose outputs have other shapes than their inputs say, and OpenVINO
/// (2026.4.1) then takes old shapes for new ones in any request of the model. Thread-safe.
class CompiledGraph {
 public:
  /// Of what save() gave before.
  CompiledGraph(ov::Tensor blob, std::string target, ov::AnyMap properties);
  CompiledGraph(ov::CompiledModel compiled, std::string target, ov::AnyMap properties)
      : compiled_(std::move(compiled)),
        target_(std::move(target)),
        properties_(std::move(properties)) {}

  /// Counts the runs that broke the graph: requests are good as long as it stays.
  uint64_t generation() const noexcept { return broken_.load(std::memory_order_acquire); }
  void note_broken() noexcept { broken_.fetch_add(1, std::memory_order_acq_rel); }
  /// A request of a graph that is whole, and its generation.
  std::pair<ov::InferRequest, uint64_t> create_request();
  /// For all but requests.
  ov::CompiledModel compiled() const;
  /// Hands over what OpenVINO exports: `begin` takes its size, `write` its parts.
  void save(const std::function<void(size_t)>& begin,
            const std::function<void(std::string_view)>& write);

 private:
  /// Kept: of an imported model OpenVINO exports what it cannot read.
  ov::Tensor& blob();

  mutable std::mutex mutex_;
  ov::CompiledModel compiled_;
  ov::Tensor blob_;
  std::string target_;
  ov::AnyMap properties_;
  uint64_t made_ = 0;  ///< the generation of compiled_
  std::atomic<uint64_t> broken_{0};
};

/// A model and what its Contexts need to know of it. Immutable but for the graph and who calls,
/// and shared with them.
struct LoadedModel {
  std::unique_ptr<CompiledGraph> graph;
  engine::ModelSpec spec;
  SavedNotes notes;
  std::vector<bool> is_copied;  ///< one an output: it is read from the request after the run
  RunMode run_mode = RunMode::kHere;
  bool may_break = false;  ///< the graph, by a run that ends early
  bool is_on_host = true;  ///< a device without memory of its own runs it
  mutable std::atomic<std::thread::id> last_caller{};  ///< of long runs
  mutable std::atomic<int32_t> turns_left{0};          ///< its long runs until it counts as alone
};

class OpenVinoModel : public engine::Model {
 public:
  /// Throws as the error table says: MODEL_NOT_FOUND, INVALID_ARGUMENT for a file that is no model,
  /// UNSUPPORTED_OPERATION for an operator or option, UNAVAILABLE for the device.
  explicit OpenVinoModel(const engine::LoadArgs& args);

  const engine::ModelSpec& spec() const override { return loaded_->spec; }
  std::unique_ptr<engine::Context> create_context() override;
  void save(const engine::Writer& writer) override;
  /// Lives as long as this or a Context does.
  ov::CompiledModel compiled() const { return loaded_->graph->compiled(); }

 private:
  std::shared_ptr<LoadedModel> loaded_;
};

}  // namespace xpuruntime::openvino
