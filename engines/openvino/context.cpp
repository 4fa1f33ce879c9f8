// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <tuple>
#include <utility>

#include "element_type.h"
#include "status.h"

namespace xpuruntime::openvino {
namespace {

using engine::Failure;
using engine::RunArgs;
using Clock = std::chrono::steady_clock;

constexpr size_t kAlignment = 64;
/// Handing a run over to OpenVINO's thread and back takes some 10 us.
constexpr std::chrono::milliseconds kLongRun{2};
constexpr int32_t kTurns = 32;  // long runs of one caller, after which it counts as alone

bool is_plain(const xpurt_value& value) {
  return value.kind == XPURT_KIND_TENSOR && value.strides == nullptr &&
         value.device.type == XPURT_DEVICE_CPU;
}

std::span<const int64_t> shape_of(const xpurt_value& value) {
  return {value.shape, static_cast<size_t>(value.rank)};
}

/// The smallest tensor that an output of this shape can be: one without elements, where it can.
ov::Shape least_shape(const ov::PartialShape& shape) {
  if (shape.rank().is_dynamic()) return {0};
  ov::Shape least;
  for (const ov::Dimension& dimension : shape) {
    least.push_back(static_cast<size_t>(dimension.get_min_length()));
  }
  return least;
}

}  // namespace

void* OpenVinoContext::OutputAllocator::allocate(size_t bytes, size_t alignment) {
  if (bytes == 0) return no_elements();
  Running& running = *context->running_;
  void* data = nullptr;
  const bool is_reserved = running.errors.run(
      [&] { data = running.args.reserve(output, bytes, std::min(alignment, kAlignment)); });
  if (is_reserved) return data;
  // The run has failed, but OpenVINO must not know: after an exception in here, its next run would
  // write to no memory at all.
  running.scraps.push_back(std::make_unique<std::byte[]>(bytes + kAlignment));
  size_t space = bytes + kAlignment;
  data = running.scraps.back().get();
  return std::align(kAlignment, bytes, data, space);
}

OpenVinoContext::OpenVinoContext(std::shared_ptr<const LoadedModel> model)
    : model_(std::move(model)), inputs_(model_->spec.inputs.size()) {
  const ov::CompiledModel compiled = model_->graph->compiled();
  const auto& ports = compiled.outputs();
  for (size_t i = 0; i < ports.size(); ++i) {
    const ov::PartialShape& shape = ports[i].get_partial_shape();
    Output& output = outputs_.emplace_back();
    output.dtype = model_->spec.outputs[i].dtype;
    output.is_copied = model_->is_copied[i];
    output.is_static = shape.is_static() && !output.is_copied;
    output.least = least_shape(shape);
    if (output.is_static) {
      output.shape = model_->spec.outputs[i].shape;
      output.bytes =
          (ov::shape_size(output.least) * ports[i].get_element_type().bitwidth() + 7) / 8;
    }
  }
  has_dynamic_ = std::ranges::any_of(outputs_, [](const Output& each) { return !each.is_static; });
  const bool has_copies = std::ranges::any_of(outputs_, &Output::is_copied);
  is_repeatable_ = !has_copies;
  renew_request();
}

void OpenVinoContext::cancel(uint64_t run_id) noexcept {
  gate_.cancel(run_id, [&] {
    try {
      request_.cancel();
    } catch (...) {  // a device that cannot cancel says so: the run goes on to its end
    }
  });
}

void OpenVinoContext::reset() {
  checked(XPURT_ENGINE, "", [&] { request_.reset_state(); });
}

void OpenVinoContext::run(const RunArgs& args) {
  Running running{args};
  running_ = &running;
  if (args.repeat() != 0 && args.repeat() == repeat_ && is_whole()) {
    infer(running);
    if (is_whole()) {
      if (!has_shapes_of_last_run()) commit(args);
      if (args.wants_nodes()) tell_nodes(args, request_, running.time);
      return;
    }
  }
  repeat_ = 0;
  args.check_counts(inputs_.size(), outputs_.size());
  do {  // again where another run broke the graph meanwhile: models without state do the same twice
    if (!is_whole()) renew_request();
    set_inputs(args);
    set_outputs(running);
    infer(running);
  } while (!is_whole());
  commit(args);
  if (args.wants_nodes()) tell_nodes(args, request_, running.time);
  if (is_repeatable_) repeat_ = args.repeat();
}

bool OpenVinoContext::is_whole() const {
  return !model_->may_break || generation_ == model_->graph->generation();
}

/// A new request, which has none of the tensors yet.
void OpenVinoContext::renew_request() {
  std::tie(request_, generation_) = model_->graph->create_request();
  for (Input& input : inputs_) input.entry = nullptr;
  for (Output& output : outputs_) output.entry = nullptr;
}

std::string OpenVinoContext::name_of_input(uint32_t i) const {
  return "input '" + model_->spec.inputs[i].name + "'";
}

void OpenVinoContext::set_inputs(const RunArgs& args) {
  for (uint32_t i = 0; i < inputs_.size(); ++i) {
    if (!args.has_input(i)) throw Failure(XPURT_INVALID_ARGUMENT, name_of_input(i) + " is missing");
    const xpurt_value& value = args.input(i);
    if (!is_plain(value)) {
      throw Failure(XPURT_UNSUPPORTED_OPERATION,
                    name_of_input(i) + ": this engine takes dense tensors in host memory");
    }
    set_input(i, value);
    if (!model_->is_on_host) args.copied(value.byte_size, "from host memory to the device");
  }
}

void OpenVinoContext::set_input(uint32_t i, const xpurt_value& value) {
  Input& input = inputs_[i];
  if (input.entry != nullptr && input.entry->key.is(value.data, value.dtype, shape_of(value))) {
    return;
  }
  input.entry = nullptr;
  const TensorCache::Entry* entry = nullptr;
  if (value.dtype != model_->spec.inputs[i].dtype) {
    throw Failure(XPURT_INVALID_ARGUMENT, name_of_input(i) + ": expected element type " +
                                              std::to_string(model_->spec.inputs[i].dtype) +
                                              ", got " + std::to_string(value.dtype) +
                                              " (ONNX's numbers)");
  }
  try {
    entry = &input.cache.get(value.data, value.dtype, shape_of(value));
    request_.set_input_tensor(i, entry->tensor);
  } catch (...) {
    rethrow_as_failure(XPURT_INVALID_ARGUMENT, name_of_input(i));
  }
  input.entry = entry;
}

void OpenVinoContext::set_outputs(Running& running) {
  for (uint32_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (output.is_copied) continue;
    if (!output.is_static) {
      set_dynamic_output(i);
      continue;
    }
    void* const data = running.args.reserve(i, output.bytes);
    if (output.entry != nullptr && output.entry->key.data == data) continue;
    output.entry = nullptr;
    const auto& entry = output.cache.get(data, output.dtype, output.shape);
    checked(XPURT_ENGINE, "", [&] { request_.set_output_tensor(i, entry.tensor); });
    output.entry = &entry;
    output.tensor = entry.tensor;
  }
  running.errors.rethrow();  // an output that cannot be empty asked for memory at once
}

/// A new tensor each time: OpenVINO would write into the memory of the old one, which is the
/// caller's by now.
void OpenVinoContext::set_dynamic_output(uint32_t i) {
  Output& output = outputs_[i];
  const ov::element::Type type(element_type_of(output.dtype));
  checked(XPURT_ENGINE, "", [&] {
    output.tensor = ov::Tensor(type, output.least, ov::Allocator(OutputAllocator{this, i}));
    request_.set_output_tensor(i, output.tensor);
  });
}

void OpenVinoContext::infer(Running& running) {
  std::exception_ptr failure;
  const bool is_timed = running.args.wants_nodes();
  if (is_timed) running.time.begin = Clock::now().time_since_epoch();
  gate_.begin(running.args.run_id());
  try {
    infer_in_some_thread();
  } catch (...) {
    failure = std::current_exception();
  }
  if (is_timed) running.time.end = Clock::now().time_since_epoch();
  const bool was_cancelled = gate_.end();
  if ((failure || was_cancelled) && model_->may_break) model_->graph->note_broken();
  // A cancel that came through is the end of the run, however far that got.
  if (was_cancelled) {
    repeat_ = 0;
    throw Failure(XPURT_CANCELLED, "the run was cancelled");
  }
  if (failure || has_dynamic_) {
    try {
      running.errors.rethrow();
      if (failure) std::rethrow_exception(failure);
    } catch (...) {
      repeat_ = 0;
      rethrow_as_failure(XPURT_ENGINE, "");
    }
  }
}

void OpenVinoContext::infer_in_some_thread() {
  const bool is_here = was_short_ ? model_->run_mode != RunMode::kElsewhere
                                  : model_->run_mode == RunMode::kHere && !is_after_another();
  const auto begin = Clock::now();
  if (is_here) {
    request_.infer();
  } else {
    request_.start_async();
    request_.wait();
  }
  was_short_ = Clock::now() - begin < kLongRun;
}

bool OpenVinoContext::is_after_another() const {
  const auto self = std::this_thread::get_id();
  const auto last = model_->last_caller.exchange(self, std::memory_order_relaxed);
  if (last != self && last != std::thread::id()) model_->turns_left = kTurns;
  if (model_->turns_left <= 0) return false;  // below 0: several Contexts passed here at once
  --model_->turns_left;
  return true;
}

bool OpenVinoContext::has_shapes_of_last_run() const {
  return std::ranges::all_of(outputs_, [](const Output& output) {
    return output.is_static || std::ranges::equal(output.tensor.get_shape(), output.shape);
  });
}

void OpenVinoContext::commit(const RunArgs& args) {
  for (uint32_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (output.is_copied) {
      output.tensor = request_.get_output_tensor(i);
      commit_copy(args, i);
      continue;
    }
    void* data = nullptr;
    if (output.is_static) {
      data = output.entry->key.data;
    } else {
      const ov::Shape& shape = output.tensor.get_shape();
      output.shape.assign(shape.begin(), shape.end());
      output.bytes = output.tensor.get_byte_size();
      data = output.bytes == 0 ? args.reserve(i, 0) : output.tensor.data();
    }
    args.commit(i, output.dtype, output.shape, data, output.bytes);
    if (!model_->is_on_host) args.copied(output.bytes, "from the device to host memory");
  }
}

void OpenVinoContext::commit_copy(const RunArgs& args, uint32_t i) {
  const ov::Tensor& tensor = outputs_[i].tensor;
  const ov::Shape sizes = tensor.get_shape();
  const std::vector<int64_t> shape(sizes.begin(), sizes.end());
  const size_t bytes = tensor.get_byte_size();
  void* const data = args.reserve(i, bytes);
  if (bytes != 0) std::memcpy(data, std::as_const(tensor).data(), bytes);
  args.copied(bytes, "the output is an input or another output of the model");
  args.commit(i, outputs_[i].dtype, shape, data, bytes);
}

}  // namespace xpuruntime::openvino
