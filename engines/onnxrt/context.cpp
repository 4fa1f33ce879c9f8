// SPDX-License-Identifier: Apache-2.0
#include "context.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace xpuruntime::onnxrt {
namespace {

using engine::Failure;
using engine::RunArgs;

/// ONNX Runtime found that an output which it was given memory for has another shape. (The words
/// changed with its versions.)
bool is_shape_mismatch(const Problem& problem) {
  return problem.text.find("pre-allocated output") != problem.text.npos ||
         problem.text.find("shape verification failed") != problem.text.npos;
}

bool overlap(const void* a, uint64_t a_bytes, const void* b, uint64_t b_bytes) {
  const auto a_begin = reinterpret_cast<uintptr_t>(a);
  const auto b_begin = reinterpret_cast<uintptr_t>(b);
  return a_begin < b_begin + b_bytes && b_begin < a_begin + a_bytes;
}

bool is_plain(const xpurt_value& value) {
  return value.kind == XPURT_KIND_TENSOR && value.strides == nullptr &&
         value.device.type == XPURT_DEVICE_CPU;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t size : shape) {
    if (!text.empty()) text += ',';
    text += std::to_string(size);
  }
  return '[' + text + ']';
}

[[noreturn, gnu::cold]] void throw_cancelled() {
  throw Failure(XPURT_CANCELLED, "the run was cancelled");
}

}  // namespace

/// A run that cancel() can reach, from its making to end().
class OnnxContext::Running {
 public:
  Running(OnnxContext& context, uint64_t run_id) : context_(context) {
    context.gate_.begin(run_id);
  }
  ~Running() {
    if (!has_ended_) end();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  /// true if the run was cancelled; the next one is not.
  bool end() noexcept {
    has_ended_ = true;
    if (!context_.gate_.end()) return false;
    if (OrtStatus* status = context_.api_.RunOptionsUnsetTerminate(context_.run_options_.get())) {
      context_.api_.ReleaseStatus(status);
    }
    return true;
  }

 private:
  OnnxContext& context_;
  bool has_ended_ = false;
};

OnnxContext::OnnxContext(std::shared_ptr<const LoadedModel> model)
    : model_(std::move(model)), api_(ort()) {
  run_options_ = make<RunOptions>([](OrtRunOptions** out) { return ort().CreateRunOptions(out); });
  for (const auto& [key, value] : model_->run_config) {
    check(api_.AddRunConfigEntry(run_options_.get(), key.c_str(), value.c_str()));
  }
  binding_ = make<IoBinding>(
      [&](OrtIoBinding** out) { return ort().CreateIoBinding(model_->session.get(), out); });
  for (const engine::TensorSpec& input : model_->spec.inputs) {
    inputs_.emplace_back().name = input.name.c_str();
    input_names_.push_back(input.name.c_str());
  }
  input_values_.resize(inputs_.size());
  for (uint32_t i = 0; i < model_->spec.outputs.size(); ++i) {
    const engine::TensorSpec& spec = model_->spec.outputs[i];
    Output& output = outputs_.emplace_back();
    output.name = spec.name.c_str();
    output.dtype = spec.dtype;
    if (model_->copied_input[i] >= 0) {
      output.way = Way::kCopied;
    } else {
      fetched_outputs_.push_back(i);
      fetched_names_.push_back(output.name);
    }
  }
  fetched_.resize(fetched_outputs_.size());
}

void OnnxContext::cancel(uint64_t run_id) noexcept {
  gate_.cancel(run_id, [&] {
    if (OrtStatus* status = api_.RunOptionsSetTerminate(run_options_.get())) {
      api_.ReleaseStatus(status);
    }
  });
}

/// What a run that repeats the last one needs stands here in one piece; the rest is out of its way.
/// (A model of 3 us leaves little of the first-level caches behind.)
void OnnxContext::run(const RunArgs& args) {
  if (args.repeat() == 0 || args.repeat() != repeat_) return run_anew(args);
  Running running(*this, args.run_id());
  OrtStatus* const status = run_bound();
  const bool was_cancelled = running.end();
  if (status == nullptr && !was_cancelled) [[likely]] {
    return;
  }
  if (status != nullptr) api_.ReleaseStatus(status);
  if (was_cancelled) throw_cancelled();
  run_anew(args);  // says what is wrong, or finds that an output has another shape this time
}

void OnnxContext::run_anew(const RunArgs& args) {
  repeat_ = 0;
  if (!is_planned_ || !inputs_are_same(args)) plan(args);
  for (uint32_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (!output.is_prepared()) continue;
    void* const data = args.reserve(i, output.bytes);
    if (data != output.data || output.entry == nullptr) view_output(output, data);
  }
  Values given;
  {
    Running running(*this, args.run_id());
    OrtStatus* const status = all_bound_ ? run_bound() : run_fetching(args, given);
    if (status != nullptr) recover(args, take(status), running, given);
    // A cancel that came through is the end of the run, however far that got.
    if (running.end()) throw_cancelled();
  }
  for (uint32_t i = 0; i < outputs_.size(); ++i) {
    const Output& output = outputs_[i];
    if (output.is_prepared() && output.way == output.logged_way) {
      args.commit(i, output.dtype, output.shape, output.data, output.bytes);
    } else {
      deliver(args, i, given);
    }
  }
  const bool is_repeatable =
      all_bound_ && std::ranges::all_of(outputs_, [](const Output& o) { return o.is_prepared(); });
  if (is_repeatable) repeat_ = args.repeat();
}

void OnnxContext::plan(const RunArgs& args) {
  check_counts(args);
  take_inputs(args);
  plan_outputs(args);
}

void OnnxContext::check_counts(const RunArgs& args) const {
  if (!model_->refusal.empty()) throw Failure(XPURT_UNSUPPORTED_OPERATION, model_->refusal);
  args.check_counts(inputs_.size(), outputs_.size());
}

bool OnnxContext::inputs_are_same(const RunArgs& args) const {
  if (args.input_count() != inputs_.size() || args.output_count() != outputs_.size()) return false;
  for (uint32_t i = 0; i < inputs_.size(); ++i) {
    if (!args.has_input(i)) return false;
    const xpurt_value& value = args.input(i);
    if (!inputs_[i].key.is(value.data, value.byte_size, value.dtype,
                           {value.shape, static_cast<size_t>(value.rank)}) ||
        !is_plain(value) || value.dtype == XPURT_STRING) {
      return false;
    }
  }
  return true;
}

void OnnxContext::take_inputs(const RunArgs& args) {
  is_planned_ = false;
  is_bound_ = false;
  for (uint32_t i = 0; i < inputs_.size(); ++i) {
    Input& input = inputs_[i];
    if (!args.has_input(i)) {
      throw Failure(XPURT_INVALID_ARGUMENT, "input '" + std::string(input.name) + "' is missing");
    }
    const xpurt_value& value = args.input(i);
    if (!is_plain(value)) {
      throw Failure(XPURT_UNSUPPORTED_OPERATION,
                    "input '" + std::string(input.name) +
                        "': this engine takes dense tensors in host memory");
    }
    if (value.dtype == XPURT_STRING) {
      copy_strings(input, value);
      continue;
    }
    input.entry = &input.cache.get(model_->host_memory.get(), value.data, value.byte_size,
                                   value.dtype, {value.shape, static_cast<size_t>(value.rank)});
    input.key = input.entry->key;
  }
}

/// ONNX Runtime's strings are objects of its own.
void OnnxContext::copy_strings(Input& input, const xpurt_value& value) const {
  OrtAllocator* allocator = nullptr;
  check(api_.GetAllocatorWithDefaultOptions(&allocator));
  ValueCache::Entry& entry = input.strings;
  entry.value = make<Value>([&](OrtValue** out) {
    return api_.CreateTensorAsOrtValue(allocator, value.shape, static_cast<size_t>(value.rank),
                                       ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, out);
  });
  const std::vector<std::string_view> strings = engine::strings_of(value);
  for (size_t k = 0; k < strings.size(); ++k) {
    char* element = nullptr;
    check(api_.GetResizedStringTensorElementBuffer(entry.value.get(), k, strings[k].size(),
                                                   &element));
    strings[k].copy(element, strings[k].size());
  }
  ++entry.serial;
  input.entry = &entry;
  input.key = {};
}

void OnnxContext::plan_outputs(const RunArgs& args) {
  all_bound_ = model_->is_on_host && !fetched_outputs_.empty();
  is_planned_ = true;
  for (uint32_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (output.way != Way::kCopied) output.way = plan_output(args, i);
    output.entry = nullptr;
    if (output.way == Way::kGiven) all_bound_ = false;
    // Each run's caller may bind other memory, with a shape of its own.
    if (!model_->rules[i].is_known() && output.is_trusted) is_planned_ = false;
  }
}

OnnxContext::Way OnnxContext::plan_output(const RunArgs& args, uint32_t i) {
  Output& output = outputs_[i];
  if (!output.is_trusted) return Way::kGiven;
  const ShapeRule& rule = model_->rules[i];
  if (!rule.is_known()) return take_bound_shape(args, i) ? Way::kBoundShape : Way::kGiven;
  if (!rule.resolve(args, output.shape)) return Way::kGiven;
  const auto bytes = tensor_bytes(output.dtype, output.shape);
  output.bytes = bytes.value_or(0);
  return bytes ? Way::kReserved : Way::kGiven;
}

/// The caller's memory for an output tells a shape that the model does not: it is tried.
bool OnnxContext::take_bound_shape(const RunArgs& args, uint32_t i) {
  Output& output = outputs_[i];
  uint64_t capacity = 0;
  const xpurt_value* const bound = args.bound(i, &capacity);
  if (bound == nullptr || bound->dtype != output.dtype || bound->shape == nullptr) return false;
  output.shape.assign(bound->shape, bound->shape + bound->rank);
  const auto bytes = tensor_bytes(output.dtype, output.shape);
  output.bytes = bytes.value_or(0);
  return bytes.has_value() && *bytes <= capacity;
}

/// The output goes to `data` from now on.
void OnnxContext::view_output(Output& output, void* data) {
  is_bound_ = false;
  output.entry = nullptr;
  output.entry =
      &output.cache.get(model_->host_memory.get(), data, output.bytes, output.dtype, output.shape);
  output.data = data;
}

/// Runs again where a shape that memory was prepared for proved wrong: models have no state, so the
/// second run is the first. Throws for all other problems.
void OnnxContext::recover(const RunArgs& args, Problem problem, Running& running, Values& given) {
  if (distrust_shapes(problem)) {
    OrtStatus* const status = run_fetching(args, given);
    problem = status != nullptr ? take(status) : Problem{};
  }
  if (problem.code == ORT_OK) return;
  if (running.end()) throw_cancelled();
  throw failure_of(problem);
}

OrtStatus* OnnxContext::run_bound() {
  if (!is_bound_) bind();
  OrtStatus* const status =
      api_.RunWithBinding(model_->session.get(), run_options_.get(), binding_.get());
  if (status != nullptr) {  // what the binding holds now is not known
    for (Output& output : outputs_) output.bound_serial = 0;
    is_bound_ = false;
  }
  return status;
}

/// Binds what is not bound yet.
void OnnxContext::bind() {
  for (Input& input : inputs_) {
    if (input.entry->serial == input.bound_serial) continue;
    input.bound_serial = 0;
    check(api_.BindInput(binding_.get(), input.name, input.entry->value.get()));
    input.bound_serial = input.entry->serial;
  }
  for (const uint32_t i : fetched_outputs_) {
    Output& output = outputs_[i];
    if (output.entry->serial == output.bound_serial) continue;
    output.bound_serial = 0;
    check(api_.BindOutput(binding_.get(), output.name, output.entry->value.get()));
    output.bound_serial = output.entry->serial;
  }
  is_bound_ = true;
}

OrtStatus* OnnxContext::run_fetching(const RunArgs& args, Values& given) {
  if (fetched_outputs_.empty()) return nullptr;
  given.resize(outputs_.size());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    input_values_[i] = inputs_[i].entry->value.get();
  }
  for (size_t k = 0; k < fetched_.size(); ++k) {
    const Output& output = outputs_[fetched_outputs_[k]];
    fetched_[k] = output.way == Way::kGiven ? nullptr : output.entry->value.get();
  }
  OrtStatus* const status =
      api_.Run(model_->session.get(), run_options_.get(), input_names_.data(), input_values_.data(),
               input_values_.size(), fetched_names_.data(), fetched_names_.size(), fetched_.data());
  if (status != nullptr) return status;
  for (size_t k = 0; k < fetched_.size(); ++k) {
    const uint32_t i = fetched_outputs_[k];
    if (outputs_[i].way == Way::kGiven) given[i].reset(fetched_[k]);
    if (!model_->is_on_host) args.copied(outputs_[i].bytes, "from the device to host memory");
  }
  for (uint32_t i = 0; i < inputs_.size() && !model_->is_on_host; ++i) {
    args.copied(inputs_[i].key.bytes, "from host memory to the device");
  }
  return nullptr;
}

/// If the problem is a shape, no output is prepared for the shape that was expected. Which of them
/// was wrong shows when they are there.
bool OnnxContext::distrust_shapes(const Problem& problem) {
  if (!is_shape_mismatch(problem)) return false;
  bool any = false;
  for (Output& output : outputs_) {
    if (!output.is_prepared()) continue;
    output.way = Way::kGiven;
    output.is_trusted = false;
    output.is_suspect = true;
    any = true;
  }
  if (any) is_planned_ = false;
  return any;
}

void OnnxContext::deliver(const RunArgs& args, uint32_t i, Values& given) {
  Output& output = outputs_[i];
  if (output.way != output.logged_way) log_way(output);
  switch (output.way) {
    case Way::kGiven:
      return give(args, i, std::move(given[i]));
    case Way::kCopied:
      return copy_input(args, i);
    default:
      args.commit(i, output.dtype, output.shape, output.data, output.bytes);
  }
}

/// Hands out a value that ONNX Runtime made in this run: it is in memory of its own, which it does
/// not touch again.
void OnnxContext::give(const RunArgs& args, uint32_t i, Value value) {
  Output& output = outputs_[i];
  const auto info = make<TensorInfo>([&](OrtTensorTypeAndShapeInfo** out) {
    return api_.GetTensorTypeAndShape(value.get(), out);
  });
  size_t rank = 0;
  check(api_.GetDimensionsCount(info.get(), &rank));
  std::vector<int64_t> shape(rank);
  check(api_.GetDimensions(info.get(), shape.data(), rank));
  if (std::exchange(output.is_suspect, false) && shape == output.shape) {
    output.is_trusted = true;
  }
  if (output.dtype == XPURT_STRING) return give_strings(args, i, value.get(), shape);
  void* data = nullptr;
  check(api_.GetTensorMutableData(value.get(), &data));
  const uint64_t bytes = tensor_bytes(output.dtype, shape).value();
  // No model was found to do this, but the caller's memory must never be given as our own.
  for (uint32_t k = 0; k < inputs_.size(); ++k) {
    const xpurt_value& input = args.input(k);
    if (bytes == 0 || !overlap(data, bytes, input.data, input.byte_size)) continue;
    void* const copy = args.reserve(i, bytes);
    std::memmove(copy, data, bytes);
    args.copied(bytes, "the output lies in the memory of an input");
    args.commit(i, output.dtype, shape, copy, bytes);
    return;
  }
  args.give(
      i, RunArgs::tensor(output.dtype, shape, data, bytes),
      [](void* token) { ort().ReleaseValue(static_cast<OrtValue*>(token)); }, value.release());
}

void OnnxContext::give_strings(const RunArgs& args, uint32_t i, const OrtValue* value,
                               std::span<const int64_t> shape) const {
  size_t count = 1;
  for (const int64_t size : shape) count *= static_cast<size_t>(size);
  size_t bytes = 0;
  check(api_.GetStringTensorDataLength(value, &bytes));
  int64_t* const offsets = args.reserve_strings(i, count, bytes);
  static_assert(sizeof(size_t) == sizeof(int64_t));
  if (count != 0) {
    check(api_.GetStringTensorContent(value, offsets + count + 1, bytes,
                                      reinterpret_cast<size_t*>(offsets), count));
  }
  offsets[count] = static_cast<int64_t>(bytes);
  args.copied(bytes, "strings are copied out of ONNX Runtime's");
  args.commit_strings(i, shape, offsets, count);
}

void OnnxContext::copy_input(const RunArgs& args, uint32_t i) {
  const xpurt_value& input = args.input(static_cast<uint32_t>(model_->copied_input[i]));
  if (input.dtype == XPURT_STRING) {
    args.copied(input.byte_size, "the output is an input of the model");
    return args.write_strings(i, {input.shape, static_cast<size_t>(input.rank)},
                              engine::strings_of(input));
  }
  void* const copy = args.reserve(i, input.byte_size);
  if (input.byte_size != 0) std::memmove(copy, input.data, input.byte_size);
  args.copied(input.byte_size, "the output is an input of the model");
  args.commit(i, input.dtype, {input.shape, static_cast<size_t>(input.rank)}, copy,
              input.byte_size);
}

void OnnxContext::log_way(Output& output) const {
  output.logged_way = output.way;
  if (!engine::logs(XPURT_LOG_DEBUG)) return;
  const auto words = [&]() -> std::string {
    switch (output.way) {
      case Way::kReserved:
        return "bound to host memory, " + shape_text(output.shape) + " by the inputs' shapes";
      case Way::kBoundShape:
        return "bound to the caller's memory, " + shape_text(output.shape) + " as the caller says";
      case Way::kCopied:
        return "copied from the input of that name";
      default:
        return output.is_trusted
                   ? "in memory of ONNX Runtime's, given without a copy: its shape is not known "
                     "before the run"
                   : "in memory of ONNX Runtime's, given without a copy: its shape was not the "
                     "declared or bound one";
    }
  };
  engine::log(XPURT_LOG_DEBUG, "onnxrt", "output '" + std::string(output.name) + "': " + words());
}

}  // namespace xpuruntime::onnxrt
