// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>

#include "onnx/small_types.h"

namespace xpuruntime::reference {

using engine::Failure;

/// One run, from inputs to committed outputs.
class ReferenceContext::Run {
 public:
  Run(const Program& program, std::vector<Tensor>& slots, const engine::RunArgs& args,
      uint64_t memory_limit)
      : program_(program),
        slots_(slots),
        args_(args),
        memory_(memory_limit),
        reserved_(program.outputs().size(), nullptr) {}

  ~Run() {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (!program_.is_weight(i)) slots_[i] = Tensor();
    }
  }

  void take_inputs() {
    if (args_.input_count() != program_.inputs().size() ||
        args_.output_count() != program_.outputs().size()) {
      throw Failure(XPURT_INVALID_ARGUMENT, "the run has another number of inputs or outputs");
    }
    for (uint32_t i = 0; i < args_.input_count(); ++i) {
      const GraphValue& declared = program_.inputs()[i];
      if (!args_.has_input(i)) {
        throw Failure(XPURT_INVALID_ARGUMENT, "input '" + declared.info.name + "' is missing");
      }
      slots_[declared.slot] = wrap(args_.input(i), declared.info);
    }
  }

  /// As execute(), and tells how long it took.
  void execute_timed(const Step& step) {
    const auto begin = std::chrono::steady_clock::now();
    execute(step);
    const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
    args_.executed({.name = step.node->name.c_str(),
                    .op_type = step.node->op_type.c_str(),
                    .kernel = step.kernel_name.c_str(),
                    .start_ns = std::chrono::nanoseconds(begin.time_since_epoch()).count(),
                    .duration_ns = took.count()});
  }

  void execute(const Step& step) {
    std::vector<const Tensor*> inputs;
    for (const size_t slot : step.inputs) {
      inputs.push_back(slot != Step::kNone ? &slots_[slot] : nullptr);
    }
    const auto allocate = [&](size_t i, DType dtype, Shape shape) {
      return make_output(step.outputs[i], dtype, std::move(shape));
    };
    Call call(*step.node, program_.opset(), std::move(inputs), memory_, allocate);
    try {
      step.kernel(call);
    } catch (const std::length_error&) {  // a vector asked for more than there can be
      throw std::bad_alloc();
    }
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      if (step.outputs[i] != Step::kNone) slots_[step.outputs[i]] = std::move(call.outputs()[i]);
    }
    for (const size_t slot : step.finished) slots_[slot] = Tensor();
  }

  void commit_outputs() {
    for (uint32_t i = 0; i < args_.output_count(); ++i) {
      const GraphValue& declared = program_.outputs()[i];
      const Tensor& value = slots_[declared.slot];
      if (declared.info.dtype != DType::kUndefined && value.dtype() != declared.info.dtype) {
        throw Failure(XPURT_INVALID_ARGUMENT, "output '" + declared.info.name + "': declared " +
                                                  onnx::dtype_name(declared.info.dtype) +
                                                  ", and the graph computes " + text(value));
      }
      commit(i, value);
    }
  }

 private:
  /// The caller's memory, once it is sure that it holds what it says.
  Tensor wrap(const xpurt_value& value, const onnx::ValueInfo& declared) {
    const auto dtype = static_cast<DType>(value.dtype);
    Shape shape;
    if (value.rank > 0) shape.assign(value.shape, value.shape + value.rank);
    const auto fail = [&](const std::string& text) {
      throw Failure(XPURT_INVALID_ARGUMENT,
                    "input '" + declared.name + "': expected " + onnx::dtype_name(declared.dtype) +
                        (declared.has_rank ? " " + onnx::shape_text(declared.shape) : "") +
                        ", got " + onnx::dtype_name(dtype) + " " + onnx::shape_text(shape) + text);
    };
    if (value.kind != XPURT_KIND_TENSOR || dtype != declared.dtype) fail("");
    if (declared.has_rank && shape.size() != declared.shape.size()) fail("");
    for (size_t d = 0; declared.has_rank && d < shape.size(); ++d) {
      if (declared.shape[d] > 0 && shape[d] != declared.shape[d]) fail("");
    }
    if (shape.size() > kMostDimensions) fail(" of too many dimensions");
    if (dtype == DType::kString) return wrap_strings(value, std::move(shape));
    const uint64_t bytes = onnx::byte_count(dtype, shape).value_or(~uint64_t{0});
    if (bytes > value.byte_size || value.strides != nullptr) {
      fail(" in " + std::to_string(value.byte_size) + " bytes");
    }
    if (!is_packed(dtype)) return {dtype, std::move(shape), value.data};
    Tensor unpacked = memory_.allocate(dtype, std::move(shape));
    unpack(dtype, value.data, {unpacked.values<uint8_t>(), static_cast<size_t>(unpacked.size())});
    return unpacked;
  }

  /// Views of the caller's bytes.
  Tensor wrap_strings(const xpurt_value& value, Shape shape) {
    Tensor views = memory_.allocate(DType::kString, std::move(shape));
    std::ranges::copy(engine::strings_of(value), views.values<std::string_view>());
    return views;
  }

  /// A value that is an output of the graph is computed where the caller wants it, unless callers
  /// have its dtype in another form.
  Tensor make_output(size_t slot, DType dtype, Shape shape) {
    if (dtype == DType::kString || is_packed(dtype)) {
      return memory_.allocate(dtype, std::move(shape));
    }
    for (uint32_t i = 0; i < args_.output_count(); ++i) {
      if (program_.outputs()[i].slot != slot) continue;
      reserve(i, dtype, shape);
      return {dtype, std::move(shape), reserved_[i]};
    }
    return memory_.allocate(dtype, std::move(shape));
  }

  void reserve(uint32_t i, DType dtype, const Shape& shape) {
    memory_.check(dtype, shape);
    reserved_[i] = args_.reserve(i, onnx::byte_count(dtype, shape).value(), element_bytes(dtype));
  }

  void commit(uint32_t i, const Tensor& value) {
    const auto count = static_cast<size_t>(value.size());
    if (value.dtype() == DType::kString) {
      return args_.write_strings(i, value.shape(), {value.values<std::string_view>(), count});
    }
    if (is_packed(value.dtype())) {
      reserve(i, value.dtype(), value.shape());
      pack(value.dtype(), {value.values<uint8_t>(), count}, reserved_[i]);
      return args_.commit(i, static_cast<int32_t>(value.dtype()), value.shape(), reserved_[i],
                          onnx::byte_count(value.dtype(), value.shape()).value());
    }
    if (reserved_[i] == nullptr || value.data() != reserved_[i]) {
      reserve(i, value.dtype(), value.shape());
      if (value.bytes() > 0) {
        std::memcpy(reserved_[i], value.data(), value.bytes());
        args_.copied(value.bytes(), "the output shares the memory of another value");
      }
    }
    args_.commit(i, static_cast<int32_t>(value.dtype()), value.shape(), reserved_[i],
                 value.bytes());
  }

  const Program& program_;
  std::vector<Tensor>& slots_;
  const engine::RunArgs& args_;
  Memory memory_;
  std::vector<void*> reserved_;
};

ReferenceContext::ReferenceContext(std::shared_ptr<const Program> program, uint64_t memory_limit)
    : program_(std::move(program)), memory_limit_(memory_limit), slots_(program_->slots()) {}

void ReferenceContext::run(const engine::RunArgs& args) {
  running_.store(args.run_id());
  Run run(*program_, slots_, args, memory_limit_);
  run.take_inputs();
  for (const Step& step : program_->steps()) {
    if (running_.load(std::memory_order_relaxed) != args.run_id()) {
      throw Failure(XPURT_CANCELLED, "the run was cancelled before " + node_text(*step.node));
    }
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    if (args.deadline_ns() != 0 && std::chrono::nanoseconds(now).count() > args.deadline_ns()) {
      throw Failure(XPURT_DEADLINE_EXCEEDED, "the deadline passed before " + node_text(*step.node));
    }
    args.wants_nodes() ? run.execute_timed(step) : run.execute(step);
  }
  run.commit_outputs();
  running_.store(kNoRun);
}

void ReferenceContext::cancel(uint64_t run_id) noexcept {
  running_.compare_exchange_strong(run_id, kNoRun);
}

}  // namespace xpuruntime::reference
