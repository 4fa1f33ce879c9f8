// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/session.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "binding_state.h"
#include "run_inputs.h"
#include "session_state.h"
#include "sync_run.h"
#include "tensor_check.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// One run as its options ask for; what they do not ask for costs it nothing.
class RunScope {
 public:
  RunScope(SessionState& state, const RunOptions& options) : state_(state) {
    if (SyncRun::is_asked_for(options)) [[unlikely]]
      asked_.emplace(state, options);
  }
  ContextPool::Lease lease() { return asked_ ? asked_->lease() : state_.lease(); }
  const RunExtras* extras() const noexcept { return asked_ ? &asked_->extras() : nullptr; }

 private:
  SessionState& state_;
  std::optional<SyncRun> asked_;
};

template <typename Inputs>
std::vector<Tensor> run_any(SessionState& state, const Inputs& inputs, const RunOptions& options) {
  RunScope scope(state, options);
  auto lease = scope.lease();
  const LeasedFrame frame(lease->frame());
  frame->unsettle();  // each run's outputs are its own
  checked(state, [&] {
    for_each_input(state, inputs, [&](size_t i, const Tensor& x) { frame->set_input(i, x); });
  });
  state.execute(lease, *frame, scope.extras());
  return publish_all(*frame, state.info.outputs.size());
}

}  // namespace

InferenceSession::InferenceSession(std::shared_ptr<SessionState> state)
    : state_(std::move(state)) {}

InferenceSession InferenceSession::open(const ModelSource& source, const SessionConfig& config) {
  InferenceSession session{std::shared_ptr<SessionState>()};
  SessionState::open(source, config, [&](const std::shared_ptr<SessionState>& state) {
    InferenceSession judged(state);  // closed by what a validator throws
    for (const SessionValidator& validator : config.validators) {
      validator.check(judged);
      state->report.validators.push_back(validator.name);
    }
    session = std::move(judged);
  });
  return session;
}

InferenceSession::InferenceSession(const std::filesystem::path& model, const SessionConfig& config)
    : InferenceSession(open({model, {}, model.parent_path().string(), model.string()}, config)) {}

InferenceSession::InferenceSession(std::span<const std::byte> model, const SessionConfig& config)
    : InferenceSession(open({{}, model, config.base_folder, "<bytes>"}, config)) {}

InferenceSession::InferenceSession(InferenceSession&&) noexcept = default;

InferenceSession& InferenceSession::operator=(InferenceSession&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

InferenceSession::~InferenceSession() {
  if (state_ != nullptr) state_->close_for_good();
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
  RunScope scope(*state_, options);
  auto lease = scope.lease();
  const LeasedFrame frame(lease->frame());
  checked(*state_, [&] {
    for_each_input(*state_, inputs, [&](size_t i, const Tensor& x) { frame->set_input(i, x); });
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
  state_->execute(lease, *frame, scope.extras());
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
  RunScope scope(*state_, options);
  auto lease = scope.lease();
  if (!bound.frame.is_settled()) bound.prepare();
  state_->execute(lease, bound.frame, scope.extras());
  if (!bound.frame.was_repeated()) bound.take_results();
  bound.has_results = true;
}

IOBinding InferenceSession::create_io_binding() const {
  return IOBinding(std::make_unique<IOBinding::State>(state_));
}

void InferenceSession::interrupt(std::thread::id thread) const noexcept {
  state_->interrupt(thread);
}

void InferenceSession::warm_up(int runs) const {
  std::vector<Tensor> inputs;
  for (const TensorInfo& info : state_->info.inputs) {
    if (info.dtype == DType::kUndefined) {
      throw UnsupportedOperationError("warm_up: the element type of input '" + info.name +
                                      "' is not known; run it on inputs of your own");
    }
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
LatencyStatistics InferenceSession::statistics() const { return state_->statistics(); }
void InferenceSession::close(CloseMode mode, std::optional<std::chrono::nanoseconds> timeout) {
  state_->close(mode, timeout);
}
bool InferenceSession::is_open() const noexcept {
  return state_ != nullptr && state_->contexts->is_open();
}

}  // namespace xpuruntime
