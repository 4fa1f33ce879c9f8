// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <openvino/runtime/infer_request.hpp>
#include <string>
#include <vector>

#include "model.h"
#include "nodes.h"
#include "tensor_cache.h"
#include "xpuruntime/engine/engine.h"
#include "xpuruntime/engine/run_gate.h"

namespace xpuruntime::openvino {

/// One infer request. Outputs of a static shape are set to the host's memory before the run; the
/// others are tensors whose allocator asks the host when OpenVINO knows how many bytes they take.
/// Either way OpenVINO writes where the caller reads.
class OpenVinoContext : public engine::Context {
 public:
  explicit OpenVinoContext(std::shared_ptr<const LoadedModel> model);

  void run(const engine::RunArgs& args) override;
  void cancel(uint64_t run_id) noexcept override;
  void reset() override;

 private:
  struct Input {
    const TensorCache::Entry* entry = nullptr;  ///< that the request has
    TensorCache cache;
  };
  struct Output {
    int32_t dtype = 0;
    bool is_static = false;
    bool is_copied = false;      ///< it stays in the request's own tensor
    std::vector<int64_t> shape;  ///< the static one, or that of the last run
    uint64_t bytes = 0;          ///< of the same
    ov::Shape least;             ///< that a dynamic tensor begins with
    ov::Tensor tensor;           ///< that the request has
    TensorCache cache;
    const TensorCache::Entry* entry = nullptr;  ///< of a static output's `tensor`
  };
  /// What a run in OpenVINO calls back to.
  struct Running {
    const engine::RunArgs& args;
    Span time{};  ///< of OpenVINO's part, where the nodes are asked for
    engine::CallbackErrors errors{};
    std::vector<std::unique_ptr<std::byte[]>>
        scraps{};  ///< in the place of memory that was refused
  };
  /// Asks the host for the memory of a dynamic output. OpenVINO keeps copies of it in tensors of
  /// the request, which goes with the Context.
  struct OutputAllocator {
    OpenVinoContext* context;
    uint32_t output;

    void* allocate(size_t bytes, size_t alignment);
    void deallocate(void*, size_t, size_t) noexcept {}
    bool is_equal(const OutputAllocator& other) const {
      return context == other.context && output == other.output;
    }
  };

  bool is_whole() const;
  void renew_request();
  void set_inputs(const engine::RunArgs& args);
  void set_input(uint32_t i, const xpurt_value& value);
  void set_outputs(Running& running);
  void set_dynamic_output(uint32_t i);
  void infer(Running& running);
  void infer_in_some_thread();
  /// Did another thread than this one have the long run before?
  bool is_after_another() const;
  bool has_shapes_of_last_run() const;
  void commit(const engine::RunArgs& args);
  void commit_copy(const engine::RunArgs& args, uint32_t i);
  std::string name_of_input(uint32_t i) const;

  const std::shared_ptr<const LoadedModel> model_;
  engine::RunGate gate_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  bool has_dynamic_ = false;
  bool is_repeatable_ = true;
  bool was_short_ = false;  ///< the last run
  Running* running_ = nullptr;
  uint64_t repeat_ = 0;  ///< the request has what all runs of this number need; 0: none
  ov::InferRequest request_;
  uint64_t generation_ = 0;  ///< of the graph that the request is of
};

}  // namespace xpuruntime::openvino
