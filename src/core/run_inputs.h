// SPDX-License-Identifier: Apache-2.0
/// A run's inputs, from what the caller gives to the model's order.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "run_frame.h"
#include "session_state.h"
#include "tensor_check.h"
#include "text.h"
#include "xpuruntime/error.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

/// A leased Context's frame, which forgets the caller's tensors at the end.
class LeasedFrame {
 public:
  explicit LeasedFrame(RunFrame& frame) : frame_(frame) {}
  LeasedFrame(const LeasedFrame&) = delete;
  LeasedFrame& operator=(const LeasedFrame&) = delete;
  ~LeasedFrame() { frame_.release(); }
  RunFrame* operator->() const noexcept { return &frame_; }
  RunFrame& operator*() const noexcept { return frame_; }

 private:
  RunFrame& frame_;
};

/// Calls set(i, tensor) for each of the model's inputs. Throws InvalidArgumentError.
template <typename Set>
void for_each_input(const SessionState& state, std::span<const Tensor> inputs, Set&& set) {
  if (inputs.size() != state.info.inputs.size()) {
    throw InvalidArgumentError("expected " + std::to_string(state.info.inputs.size()) +
                               " inputs (" + join(*state.input_names) + "), got " +
                               std::to_string(inputs.size()) + " (" + state.where + ")");
  }
  for (size_t i = 0; i < inputs.size(); ++i) set(i, inputs[i]);
}

/// By name; costs no look-up when the names come in the model's order.
template <typename Set>
void for_each_input(const SessionState& state, const NamedTensors& inputs, Set&& set) {
  const std::vector<std::string>& names = *state.input_names;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i < inputs.size() && inputs.name(i) == names[i]) {
      set(i, inputs[i]);
      continue;
    }
    const Tensor* tensor = inputs.find(names[i]);
    if (tensor == nullptr) {
      for (size_t j = 0; j < inputs.size(); ++j) state.input_index(inputs.name(j));
      throw InvalidArgumentError("input '" + names[i] + "' is missing: expected " +
                                 to_string(state.info.inputs[i]) + " (" + state.where + ")");
    }
    set(i, *tensor);
  }
  if (inputs.size() != names.size()) {
    for (size_t j = 0; j < inputs.size(); ++j) state.input_index(inputs.name(j));
    throw InvalidArgumentError("expected " + std::to_string(names.size()) + " inputs, got " +
                               std::to_string(inputs.size()) + ": one is given twice (" +
                               state.where + ")");
  }
}

/// Adds where an error comes from to what the checks of inputs and outputs say.
template <typename Body>
void checked(const SessionState& state, Body&& body) {
  try {
    body();
  } catch (const InvalidArgumentError& error) {
    const std::string text = error.what();
    if (text.ends_with("(" + state.where + ")")) throw;
    throw InvalidArgumentError(text + " (" + state.where + ")");
  }
}

/// Checked, in the model's order. Throws InvalidArgumentError, UnsupportedOperationError.
template <typename Inputs>
std::vector<Tensor> take_inputs(const SessionState& state, const Inputs& inputs) {
  state.check_tensors_only();
  std::vector<Tensor> taken(state.info.inputs.size());
  checked(state, [&] {
    for_each_input(state, inputs, [&](size_t i, const Tensor& tensor) {
      check_input(state.info.inputs[i], tensor);
      taken[i] = tensor;
    });
  });
  return taken;
}

inline std::vector<Tensor> publish_all(RunFrame& frame, size_t count) {
  std::vector<Tensor> outputs;
  outputs.reserve(count);
  for (size_t i = 0; i < count; ++i) outputs.push_back(frame.outputs().publish(i));
  return outputs;
}

}  // namespace xpuruntime
