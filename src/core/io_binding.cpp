// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/io_binding.h"

#include <utility>

#include "binding_state.h"
#include "tensor_check.h"
#include "xpuruntime/error.h"

namespace xpuruntime {

void IOBinding::State::prepare() {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!frame.has_input(i)) {
      throw InvalidArgumentError("input '" + session->info.inputs[i].name + "' is not bound (" +
                                 session->where + ")");
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    // Given back before the run, memory of the pool serves again.
    if (!outputs[i]) results.tensors_[i] = Tensor();
  }
}

void IOBinding::State::take_results() {
  for (size_t i = 0; i < outputs.size(); ++i) {
    results.tensors_[i] =
        frame.outputs().is_bound_tensor(i) ? outputs[i] : frame.outputs().publish(i);
  }
  frame.settle();
}

void IOBinding::State::unbind_output(size_t i) {
  frame.unbind_output(i);
  outputs[i] = Tensor();
  results.tensors_[i] = Tensor();
  has_results = false;
}

IOBinding::IOBinding(std::unique_ptr<State> state) : state_(std::move(state)) {}
IOBinding::IOBinding(IOBinding&&) noexcept = default;
IOBinding& IOBinding::operator=(IOBinding&&) noexcept = default;
IOBinding::~IOBinding() = default;

void IOBinding::bind_input(std::string_view name, Tensor tensor) {
  const size_t i = state_->session->input_index(name);
  const ModelInfo& info = state_->session->info;
  check_input(info.inputs[i], tensor);
  std::vector<Tensor> inputs(state_->inputs.size());
  inputs[i] = tensor;
  check_overlap(info, inputs, state_->outputs);
  state_->frame.clear_input(i);
  state_->inputs[i] = std::move(tensor);
  state_->frame.set_input(i, state_->inputs[i]);
}

void IOBinding::bind_output(std::string_view name, Tensor tensor) {
  const size_t i = state_->session->output_index(name);
  const ModelInfo& info = state_->session->info;
  check_output(info.outputs[i], tensor);
  std::vector<Tensor> outputs = state_->outputs;
  outputs[i] = tensor;
  check_overlap(info, state_->inputs, outputs);
  state_->outputs[i] = std::move(tensor);
  state_->results.set(name, Tensor());
  state_->frame.bind_output(i, state_->outputs[i]);
  state_->has_results = false;
}

void IOBinding::bind_output(std::string_view name) {
  state_->unbind_output(state_->session->output_index(name));
}

void IOBinding::clear() {
  for (size_t i = 0; i < state_->inputs.size(); ++i) {
    state_->frame.clear_input(i);
    state_->inputs[i] = Tensor();
  }
  for (size_t i = 0; i < state_->outputs.size(); ++i) state_->unbind_output(i);
}

const NamedTensors& IOBinding::outputs() const noexcept {
  static const NamedTensors none;
  return state_->has_results ? state_->results : none;
}

}  // namespace xpuruntime
