// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "xpuruntime/export.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// Names to buffers, set once and run many times with InferenceSession::run(IOBinding&). Keeps
/// alive what it binds. One thread at a time; made by InferenceSession::create_io_binding().
class XPURT_API IOBinding {
 public:
  IOBinding(IOBinding&&) noexcept;
  IOBinding& operator=(IOBinding&&) noexcept;
  ~IOBinding();

  /// Binds an input; replaces what was bound, also with another shape.
  /// Throws InvalidArgumentError (name, dtype, rank, dimension, overlap with a bound output).
  void bind_input(std::string_view name, Tensor tensor);
  /// Binds an output to memory: a run writes it there and nowhere else. For an output of dynamic
  /// shape, the tensor's bytes are what there is room for.
  /// Throws InvalidArgumentError (name, dtype, read-only memory, overlap with what is bound).
  void bind_output(std::string_view name, Tensor tensor);
  /// Leaves an output to the engine, as all are at first: each run gives a fresh tensor.
  void bind_output(std::string_view name);
  void clear();  ///< Unbinds everything.

  /// The outputs of the last run, in the model's order: over the bound memory where there is any.
  /// Empty before the first run and after one that failed.
  const NamedTensors& outputs() const noexcept;

 private:
  friend class InferenceSession;
  class State;
  explicit IOBinding(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xpuruntime
