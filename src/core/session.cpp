// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/session.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "binding_state.h"
#include "session_state.h"
#include "tensor_check.h"
#include "text.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

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

void set_inputs(RunFrame& frame, const SessionState& state, std::span<const Tensor> inputs) {
  if (inputs.size() != state.info.inputs.size()) {
    throw InvalidArgumentError("expected " + std::to_string(state.info.inputs.size()) +
                               " inputs (" + join(*state.input_names) + "), got " +
                               std::to_string(inputs.size()) + " (" + state.where + ")");
  }
  for (size_t i = 0; i < inputs.size(); ++i) frame.set_input(i, inputs[i]);
}

/// By name; costs no look-up when the names come in the model's order.
void set_inputs(RunFrame& frame, const SessionState& state, const NamedTensors& inputs) {
  const std::vector<std::string>& names = *state.input_names;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i < inputs.size() && inputs.name(i) == names[i]) {
      frame.set_input(i, inputs[i]);
      continue;
    }
    const Tensor* tensor = inputs.find(names[i]);
    if (tensor == nullptr) {
      for (size_t j = 0; j < inputs.size(); ++j) state.input_index(inputs.name(j));
      throw InvalidArgumentError("input '" + names[i] + "' is missing: expected " +
                                 to_string(state.info.inputs[i]) + " (" + state.where + ")");
    }
    frame.set_input(i, *tensor);
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

std::vector<Tensor> publish_all(RunFrame& frame, size_t count) {
  std::vector<Tensor> outputs;
  outputs.reserve(count);
  for (size_t i = 0; i < count; ++i) outputs.push_back(frame.outputs().publish(i));
  return outputs;
}

template <typename Inputs>
std::vector<Tensor> run_any(SessionState& state, const Inputs& inputs, const RunOptions& options) {
  auto lease = state.lease(options.report);
  const LeasedFrame frame(lease->frame());
  frame->unsettle();  // each run's outputs are its own
  checked(state, [&] { set_inputs(*frame, state, inputs); });
  state.execute(lease, *frame, options.report);
  return publish_all(*frame, state.info.outputs.size());
}

}  // namespace

InferenceSession::InferenceSession(const std::filesystem::path& model,
                                   const SessionConfig& config) {
  const ModelSource source{model, {}, model.parent_path().string(), model.string()};
  state_ = std::make_shared<SessionState>(source, config);
}

InferenceSession::InferenceSession(std::span<const std::byte> model, const SessionConfig& config) {
  const ModelSource source{{}, model, config.base_folder, "<bytes>"};
  state_ = std::make_shared<SessionState>(source, config);
}

InferenceSession::InferenceSession(InferenceSession&&) noexcept = default;

InferenceSession& InferenceSession::operator=(InferenceSession&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

InferenceSession::~InferenceSession() {
  if (state_ != nullptr) state_->contexts->close();
}

NamedTensors InferenceSession::run(const NamedTensors& inputs, const RunOptions& options) const {
  return {state_->output_names, run_any(*state_, inputs, options)};
}

std::vector<Tensor> InferenceSession::run(std::span<const Tensor> inputs,
                                          const RunOptions& options) const {
  return run_any(*state_, inputs, options);
}

void InferenceSession::run(std::span<const Tensor> inputs, std::span<Tensor> outputs,
                           const RunOptions& options) const {
  const ModelInfo& info = state_->info;
  auto lease = state_->lease(options.report);
  const LeasedFrame frame(lease->frame());
  checked(*state_, [&] {
    set_inputs(*frame, *state_, inputs);
    if (outputs.size() != info.outputs.size()) {
      throw InvalidArgumentError("expected " + std::to_string(info.outputs.size()) +
                                 " outputs, got " + std::to_string(outputs.size()));
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i]) {
        frame->bind_output(i, outputs[i]);
      } else {
        frame->unbind_output(i);
      }
    }
    if (!frame->is_settled()) check_overlap(info, inputs, outputs);
  });
  state_->execute(lease, *frame, options.report);
  if (frame->was_repeated()) return;
  frame->settle();
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!frame->outputs().is_bound_tensor(i)) outputs[i] = frame->outputs().publish(i);
  }
}

void InferenceSession::run(IOBinding& binding, const RunOptions& options) const {
  IOBinding::State& bound = *binding.state_;
  if (bound.session != state_) {
    throw InvalidArgumentError("the binding was made by another session (" + state_->where + ")");
  }
  bound.has_results = false;
  auto lease = state_->lease(options.report);
  if (!bound.frame.is_settled()) bound.prepare();
  state_->execute(lease, bound.frame, options.report);
  if (!bound.frame.was_repeated()) bound.take_results();
  bound.has_results = true;
}

IOBinding InferenceSession::create_io_binding() const {
  return IOBinding(std::make_unique<IOBinding::State>(state_));
}

void InferenceSession::warm_up(int runs) const {
  std::vector<Tensor> inputs;
  for (const TensorInfo& info : state_->info.inputs) {
    std::vector<int64_t> dims(info.shape.begin(), info.shape.end());
    std::ranges::replace_if(dims, [](int64_t dim) { return dim <= 0; }, 1);
    const Shape shape{std::span<const int64_t>(dims)};
    if (info.dtype == DType::kString) {
      const std::vector<std::string> empty(static_cast<size_t>(shape.element_count()));
      inputs.push_back(Tensor::from_strings(empty, shape));
      continue;
    }
    Tensor& zeros = inputs.emplace_back(info.dtype, shape);
    if (zeros.byte_size() != 0) std::memset(zeros.mutable_data(), 0, zeros.byte_size());
  }
  for (int i = 0; i < runs; ++i) run(inputs);
}

const ModelInfo& InferenceSession::model_info() const { return state_->info; }

bool InferenceSession::has_dynamic_output() const {
  return std::ranges::any_of(output_sizes(), [](uint64_t bytes) { return bytes == 0; });
}

std::vector<uint64_t> InferenceSession::output_sizes() const {
  std::vector<uint64_t> sizes;
  for (const TensorInfo& info : state_->info.outputs) {
    const bool known = info.kind == ValueKind::kTensor && info.has_rank &&
                       std::ranges::all_of(info.shape, [](int64_t dim) { return dim > 0; }) &&
                       element_bits(info.dtype) != 0;
    sizes.push_back(known ? tensor_bytes(info.dtype, info.shape) : 0);
  }
  return sizes;
}

const std::string& InferenceSession::engine_name() const { return state_->report.engine; }
Device InferenceSession::device() const { return state_->report.device; }
const SessionReport& InferenceSession::report() const { return state_->report; }
MemoryPool& InferenceSession::memory() const { return state_->memory; }
void InferenceSession::close() { state_->contexts->close(); }
bool InferenceSession::is_open() const noexcept {
  return state_ != nullptr && state_->contexts->is_open();
}

}  // namespace xpuruntime
