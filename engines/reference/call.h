// SPDX-License-Identifier: Apache-2.0
/// What a kernel sees: one node with its inputs, and where its outputs go.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "walk.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::reference {

/// "node 'conv1' (Conv)", or by its output where it has no name.
std::string node_text(const onnx::Node& node);

/// The inputs of an operator with two, and the shape that they broadcast to.
struct Operands {
  const Tensor& a;
  Tensor b;
  Shape shape;
};

/// Lives for one execution of a node; used by one thread.
class Call {
 public:
  /// Makes the memory for output `i`.
  using Allocate = std::function<Tensor(size_t i, DType dtype, Shape shape)>;

  /// `inputs` are null where the node leaves one out.
  Call(const onnx::Node& node, int64_t opset, std::vector<const Tensor*> inputs, Memory& memory,
       Allocate allocate);

  int64_t opset() const { return opset_; }
  const onnx::Node& node() const { return node_; }

  size_t input_count() const { return inputs_.size(); }
  bool has_input(size_t i) const { return i < inputs_.size() && inputs_[i] != nullptr; }
  const Tensor& input(size_t i) const;
  /// Input `i` as a list of integers: int32 or int64, one-dimensional or a scalar.
  std::vector<int64_t> integers(size_t i) const;
  /// Memory of this run for what a kernel needs on its way.
  Tensor scratch(DType dtype, Shape shape) const {
    return memory_.allocate(dtype, std::move(shape));
  }
  /// A string that an output may refer to.
  std::string_view keep(std::string text) const { return memory_.keep(std::move(text)); }
  /// `from` with its elements converted, in memory of this run.
  Tensor converted(const Tensor& from, DType dtype) const;
  /// Input `i` with its elements converted, in memory of this run unless it is of that dtype.
  Tensor as(size_t i, DType dtype) const;
  /// The same as a copy that the kernel may write to.
  Tensor own(size_t i, DType dtype) const { return converted(input(i), dtype); }

  bool has_output(size_t i) const;
  /// Memory for output `i`, to be filled; it overlaps no input.
  Tensor& output(size_t i, DType dtype, Shape shape);
  /// Hands on memory that is already there, such as an input in another shape.
  void output_view(size_t i, Tensor view);
  std::vector<Tensor>& outputs() { return outputs_; }

  /// Attributes; of the wrong kind they are an error.
  int64_t int_or(const char* name, int64_t otherwise) const;
  double float_or(const char* name, double otherwise) const;
  std::string string_or(const char* name, const char* otherwise) const;
  std::optional<std::vector<int64_t>> ints(const char* name) const;
  const onnx::Tensor* tensor(const char* name) const;

  /// Axes that are an attribute before operator set `input_since` and input `i` from there on.
  std::optional<std::vector<int64_t>> axes(size_t i, int64_t input_since) const;
  /// An axis counted from either end, as one from 0 to rank - 1.
  size_t axis(int64_t given, int64_t rank) const;
  /// The shape that inputs `a` and `b` broadcast to.
  Shape broadcast_shape(size_t a, size_t b) const;
  /// Inputs 0 and 1. Before operator set 7, attribute `axis` or else `old_axis` says which
  /// dimension of the first the second begins at, if it does not end with the last.
  Operands operands(std::optional<int64_t> old_axis = {}, bool of_one_dtype = true) const;

  /// Runs body.operator()<T>() for the T of `dtype`, which must be among `types`.
  template <typename TypeList, typename Body>
  void dispatch(DType dtype, TypeList types, Body&& body) const {
    if (!visit(dtype, types, body)) unsupported(dtype);
  }

  /// Throws XPURT_INVALID_ARGUMENT with the node and the shapes of its inputs.
  [[noreturn]] void fail(const std::string& text) const;
  /// The same as XPURT_UNSUPPORTED_OPERATION.
  [[noreturn]] void unsupported(const std::string& text) const;
  [[noreturn]] void unsupported(DType dtype) const;

 private:
  template <typename T>
  const T* attribute(const char* name, const char* kind) const;
  std::string where() const;

  const onnx::Node& node_;
  int64_t opset_;
  std::vector<const Tensor*> inputs_;
  std::vector<Tensor> outputs_;
  Memory& memory_;
  Allocate allocate_;
};

}  // namespace xpuruntime::reference
