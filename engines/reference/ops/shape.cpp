// SPDX-License-Identifier: Apache-2.0
// Operators that change or tell a shape and leave the elements where they are.
#include <algorithm>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

/// Marks the axes of a tensor of that rank; one given twice is an error.
std::vector<bool> mark(const Call& call, const std::vector<int64_t>& axes, int64_t rank) {
  std::vector<bool> marked(static_cast<size_t>(rank));
  for (const int64_t given : axes) {
    const size_t axis = call.axis(given, rank);
    if (marked[axis]) call.fail("axis " + std::to_string(given) + " is given twice");
    marked[axis] = true;
  }
  return marked;
}

/// The dimension given as -1 is what is left of the input. Dimensions that were copied count on
/// neither side, so that it is found also where one of them is 0.
void infer_dimension(const Call& call, Shape& shape, const std::vector<bool>& copied) {
  const auto unknown = std::ranges::find(shape, -1);
  if (unknown == shape.end()) return;
  *unknown = 1;
  Shape rest = shape;
  Shape from = call.input(0).shape();
  for (size_t i = 0; i < shape.size(); ++i) {
    if (copied[i]) rest[i] = from[i] = 1;
  }
  const int64_t size = product(from, 0, from.size());
  const auto count = onnx::element_count(rest);
  if (!count || *count == 0 || static_cast<uint64_t>(size) % *count != 0) {
    call.fail("the dimension given as -1 cannot be found");
  }
  *unknown = size / static_cast<int64_t>(*count);
}

}  // namespace

void identity(Call& call) { call.output_view(0, call.input(0)); }

/// 0 keeps the input's dimension, unless `allowzero` (operator set 14) says that it is a 0; -1 is
/// inferred.
void reshape(Call& call) {
  const Tensor& x = call.input(0);
  Shape shape = call.integers(1);
  if (shape.size() > kMostDimensions) call.fail("the shape has too many dimensions");
  const bool keeps_zero = call.int_or("allowzero", 0) != 0;
  std::vector<bool> copied(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 0 || keeps_zero) continue;
    if (i >= x.shape().size()) call.fail("a dimension given as 0 has none to copy");
    shape[i] = x.shape()[i];
    copied[i] = true;
  }
  infer_dimension(call, shape, copied);
  const auto count = onnx::element_count(shape);
  if (!count || *count != static_cast<uint64_t>(x.size())) {
    call.fail(onnx::shape_text(shape) + " has not as many elements as the input");
  }
  call.output_view(0, x.reshaped(std::move(shape)));
}

/// Two dimensions: those before the axis, and the rest. The axis may be the rank.
void flatten(Call& call) {
  const Tensor& x = call.input(0);
  const int64_t given = call.int_or("axis", 1);
  const size_t rank = x.shape().size();
  const size_t axis = given == x.rank() ? rank : call.axis(given, x.rank());
  call.output_view(0, x.reshaped({product(x.shape(), 0, axis), product(x.shape(), axis, rank)}));
}

/// Without axes, all dimensions of 1 go. Axes are an input from operator set 13 on.
void squeeze(Call& call) {
  const Tensor& x = call.input(0);
  const auto axes = call.axes(1, 13);
  std::vector<bool> gone(x.shape().size());
  if (axes) {
    gone = mark(call, *axes, x.rank());
  } else {
    for (size_t i = 0; i < gone.size(); ++i) gone[i] = x.shape()[i] == 1;
  }
  Shape shape;
  for (size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i]) {
      shape.push_back(x.shape()[i]);
    } else if (x.shape()[i] != 1) {
      call.fail("dimension " + std::to_string(i) + " is not 1");
    }
  }
  call.output_view(0, x.reshaped(std::move(shape)));
}

/// The axes are those of the result. They are an input from operator set 13 on.
void unsqueeze(Call& call) {
  const Tensor& x = call.input(0);
  const auto axes = call.axes(1, 13);
  if (!axes) call.fail("axes are missing");
  if (axes->size() > kMostDimensions) call.fail("too many axes");
  const std::vector<bool> added = mark(call, *axes, x.rank() + static_cast<int64_t>(axes->size()));
  Shape shape;
  size_t next = 0;
  for (const bool is_new : added) shape.push_back(is_new ? 1 : x.shape()[next++]);
  call.output_view(0, x.reshaped(std::move(shape)));
}

void size(Call& call) {
  *call.output(0, DType::kInt64, {}).values<int64_t>() = call.input(0).size();
}

/// Hands the input on, and says that all of it was kept: in inference, or when the ratio is 0. What
/// drops anything is refused.
void dropout(Call& call) {
  const Tensor& x = call.input(0);
  bool training = call.opset() < 7 && call.int_or("is_test", 0) == 0;
  if (call.opset() >= 12 && call.has_input(2)) {
    const Tensor mode = call.as(2, DType::kBool);
    if (mode.size() != 1) call.fail("training_mode must be one value");
    training = widen(*mode.values<Bool>());
  }
  if (training && call.has_input(1)) {
    const Tensor ratio = call.as(1, DType::kDouble);
    if (ratio.size() != 1) call.fail("ratio must be one value");
    training = *ratio.values<double>() != 0;
  }
  if (training) call.unsupported("engine reference drops nothing: it is for inference");
  call.output_view(0, x);
  if (!call.has_output(1)) return;
  Tensor kept = call.scratch(DType::kBool, x.shape());
  std::fill_n(kept.values<Bool>(), kept.size(), Bool{1});
  convert(call, kept, call.output(1, call.opset() < 10 ? x.dtype() : DType::kBool, x.shape()));
}

/// `start` and `end` came with operator set 15; they are cut to the rank.
void shape(Call& call) {
  const Shape& shape = call.input(0).shape();
  const int64_t rank = call.input(0).rank();
  const auto bound = [&](const char* name, int64_t otherwise) {
    const int64_t given = call.int_or(name, otherwise);
    return std::clamp(given < 0 ? given + rank : given, int64_t{0}, rank);
  };
  const int64_t start = bound("start", 0);
  const int64_t end = std::max(start, bound("end", rank));
  Tensor& y = call.output(0, DType::kInt64, {end - start});
  std::copy(shape.begin() + start, shape.begin() + end, y.values<int64_t>());
}

}  // namespace xpuruntime::reference
