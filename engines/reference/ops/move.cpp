// SPDX-License-Identifier: Apache-2.0
// Operators that move elements of any dtype and compute nothing.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "ops.h"

namespace xpuruntime::reference {

void transpose(Call& call) {
  const Tensor& x = call.input(0);
  const size_t rank = x.shape().size();
  std::vector<int64_t> reversed(rank);
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const std::vector<int64_t> perm = call.ints("perm").value_or(reversed);
  std::vector<int64_t> sorted = perm;
  std::ranges::sort(sorted);
  if (!std::ranges::equal(sorted, std::vector<int64_t>(reversed.rbegin(), reversed.rend()))) {
    call.fail("perm " + onnx::shape_text(perm) + " is not a permutation of the axes");
  }
  const Strides dense = strides_of(x.shape());
  Shape shape;
  Strides strides;
  for (const int64_t axis : perm) {
    shape.push_back(x.dim(axis));
    strides.push_back(dense[static_cast<size_t>(axis)]);
  }
  copy_strided(x, strides, 0, call.output(0, x.dtype(), std::move(shape)));
}

void expand(Call& call) {
  const Tensor& x = call.input(0);
  const auto shape = broadcast(x.shape(), call.integers(1));
  if (!shape) call.fail("the input does not broadcast to that shape");
  Tensor& y = call.output(0, x.dtype(), *shape);
  copy_strided(x, broadcast_strides(x.shape(), y.shape()), 0, y);
}

void concat(Call& call) {
  const Tensor& first = call.input(0);
  if (call.node().attribute("axis") == nullptr) call.fail("attribute 'axis' is missing");
  const size_t axis = call.axis(call.int_or("axis", 0), first.rank());
  Shape shape = first.shape();
  for (size_t i = 1; i < call.input_count(); ++i) {
    const Tensor& x = call.input(i);
    Shape alike = x.shape();
    if (alike.size() == shape.size()) alike[axis] = shape[axis];
    if (x.dtype() != first.dtype() || alike != shape) call.fail("dtypes or shapes do not match");
    if (__builtin_add_overflow(shape[axis], x.shape()[axis], &shape[axis])) {
      call.fail("the result is too large");
    }
  }
  Tensor& y = call.output(0, first.dtype(), shape);
  std::byte* to = y.data();
  const auto outer = static_cast<uint64_t>(product(shape, 0, axis));
  for (uint64_t block = 0; block < outer; ++block) {
    for (size_t i = 0; i < call.input_count(); ++i) {
      const Tensor& x = call.input(i);
      const uint64_t bytes = x.bytes() / outer;
      if (bytes == 0) continue;
      std::memcpy(to, x.data() + block * bytes, bytes);
      to += bytes;
    }
  }
}

/// The dimension of `axis` becomes the dimensions of the indices; a negative index counts from the
/// end.
void gather(Call& call) {
  const Tensor& x = call.input(0);
  const size_t axis = call.axis(call.int_or("axis", 0), x.rank());
  const int64_t dim = x.shape()[axis];
  const Tensor indices = [&] {
    const DType dtype = call.input(1).dtype();
    if (dtype != DType::kInt32 && dtype != DType::kInt64) call.fail("indices must be integers");
    return call.as(1, DType::kInt64);
  }();
  Shape shape(x.shape().begin(), x.shape().begin() + static_cast<ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
  shape.insert(shape.end(), x.shape().begin() + static_cast<ptrdiff_t>(axis) + 1, x.shape().end());
  Tensor& y = call.output(0, x.dtype(), shape);
  for (int64_t i = 0; i < indices.size(); ++i) {
    const int64_t index = indices.values<int64_t>()[i];
    if (index < -dim || index >= dim) {
      call.fail("index " + std::to_string(index) + " is outside of dimension " +
                std::to_string(dim));
    }
  }
  if (y.size() == 0) return;
  const int64_t outer = product(x.shape(), 0, axis);
  const size_t bytes = x.bytes() / static_cast<size_t>(outer * dim);
  std::byte* to = y.data();
  for (int64_t block = 0; block < outer; ++block) {
    for (int64_t i = 0; i < indices.size(); ++i, to += bytes) {
      int64_t index = indices.values<int64_t>()[i];
      if (index < 0) index += dim;
      std::memcpy(to, x.data() + static_cast<size_t>(block * dim + index) * bytes, bytes);
    }
  }
}

namespace {

struct SliceRange {
  int64_t start;
  int64_t count;
};

/// The elements that start:end:step picks of `dim`, with numpy's cutting of the ends.
SliceRange slice_range(int64_t dim, int64_t start, int64_t end, int64_t step) {
  const bool forward = step > 0;
  if (start < 0) start += dim;
  if (end < 0) end += dim;
  start = std::clamp(start, int64_t{0}, forward ? dim : dim - 1);
  end = std::clamp(end, int64_t{forward ? 0 : -1}, forward ? dim : dim - 1);
  const int64_t span = forward ? end - start : start - end;
  if (dim == 0 || span <= 0) return {0, 0};
  const uint64_t size = forward ? static_cast<uint64_t>(step) : 0 - static_cast<uint64_t>(step);
  return {start, static_cast<int64_t>((static_cast<uint64_t>(span) - 1) / size) + 1};
}

}  // namespace

/// starts, ends and axes are attributes before operator set 10; steps came with it.
void slice(Call& call) {
  const Tensor& x = call.input(0);
  const bool inputs = call.opset() >= 10;
  const auto starts = inputs ? call.integers(1) : call.ints("starts").value_or(Shape{});
  const auto ends = inputs ? call.integers(2) : call.ints("ends").value_or(Shape{});
  Shape axes(starts.size());
  std::iota(axes.begin(), axes.end(), 0);
  axes = (inputs ? (call.has_input(3) ? std::optional(call.integers(3)) : std::nullopt)
                 : call.ints("axes"))
             .value_or(axes);
  const Shape steps = call.has_input(4) ? call.integers(4) : Shape(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    call.fail("starts, ends, axes and steps differ in length");
  }
  Shape shape = x.shape();
  Strides strides = strides_of(shape);
  int64_t offset = 0;
  std::vector<bool> sliced(shape.size());
  for (size_t i = 0; i < starts.size(); ++i) {
    const size_t axis = call.axis(axes[i], x.rank());
    if (sliced[axis]) call.fail("axis " + std::to_string(axes[i]) + " is given twice");
    sliced[axis] = true;
    if (steps[i] == 0) call.fail("a step is 0");
    const SliceRange range = slice_range(shape[axis], starts[i], ends[i], steps[i]);
    offset += range.start * strides[axis];
    strides[axis] = range.count > 1 ? strides[axis] * steps[i] : 0;
    shape[axis] = range.count;
  }
  copy_strided(x, strides, offset, call.output(0, x.dtype(), std::move(shape)));
}

}  // namespace xpuruntime::reference
