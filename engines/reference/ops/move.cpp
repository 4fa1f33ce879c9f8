// SPDX-License-Identifier: Apache-2.0
// Operators that move elements of any dtype and compute nothing.
#include <algorithm>
#include <array>
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

namespace {

/// Fills `y` with x, seen in six dimensions and transposed.
void copy_transposed(const Tensor& x, const Shape& six, const std::array<size_t, 6>& perm,
                     Tensor& y) {
  const Strides dense = strides_of(six);
  Shape shape;
  Strides strides;
  for (const size_t axis : perm) {
    shape.push_back(six[axis]);
    strides.push_back(dense[axis]);
  }
  Tensor parts = y.reshaped(std::move(shape));
  copy_strided(x, strides, 0, parts);
}

int64_t read_block(const Call& call) {
  if (call.input(0).rank() != 4) call.fail("the input must be [N, C, H, W]");
  const int64_t block = call.int_or("blocksize", 0);
  if (block < 1 || block > (1 << 20)) call.fail("attribute 'blocksize' must be at least 1");
  return block;
}

/// Whether channels come before the places in a block.
bool is_channel_first(const Call& call) {
  const std::string mode = call.string_or("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") call.fail("mode '" + mode + "' is unknown");
  return mode == "CRD";
}

}  // namespace

void depth_to_space(Call& call) {
  const Tensor& x = call.input(0);
  const int64_t b = read_block(call);
  const bool channel_first = is_channel_first(call);
  const int64_t n = x.dim(0), c = x.dim(1) / (b * b), h = x.dim(2), w = x.dim(3);
  if (x.dim(1) % (b * b) != 0) call.fail("the channels are not a multiple of blocksize squared");
  Tensor& y = call.output(0, x.dtype(), {n, c, h * b, w * b});
  if (channel_first) return copy_transposed(x, {n, c, b, b, h, w}, {0, 1, 4, 2, 5, 3}, y);
  copy_transposed(x, {n, b, b, c, h, w}, {0, 3, 4, 1, 5, 2}, y);
}

void space_to_depth(Call& call) {
  const Tensor& x = call.input(0);
  const int64_t b = read_block(call);
  const bool channel_first = is_channel_first(call);
  const int64_t n = x.dim(0), c = x.dim(1), h = x.dim(2) / b, w = x.dim(3) / b;
  if (x.dim(2) % b != 0 || x.dim(3) % b != 0) call.fail("the input is not a multiple of blocksize");
  Tensor& y = call.output(0, x.dtype(), {n, c * b * b, h, w});
  using Perm = std::array<size_t, 6>;
  copy_transposed(x, {n, c, h, b, w, b},
                  channel_first ? Perm{0, 1, 3, 5, 2, 4} : Perm{0, 3, 5, 1, 2, 4}, y);
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

/// The lengths are an attribute before operator set 13 and an input from there on; without them all
/// are alike, but the last, which may be shorter (operator set 18).
void split(Call& call) {
  const Tensor& x = call.input(0);
  const size_t axis = call.axis(call.int_or("axis", 0), x.rank());
  const int64_t dim = x.shape()[axis];
  const auto parts = static_cast<int64_t>(call.node().outputs.size());
  if (call.opset() >= 18 && call.int_or("num_outputs", parts) != parts) {
    call.fail("attribute 'num_outputs' is not " + std::to_string(parts));
  }
  Shape lengths;
  if (const auto given = call.opset() < 13   ? call.ints("split")
                         : call.has_input(1) ? std::optional(call.integers(1))
                                             : std::nullopt) {
    lengths = *given;
  } else {
    const int64_t length = (dim + parts - 1) / parts;
    for (int64_t i = 0; i < parts; ++i) {
      lengths.push_back(std::clamp(dim - i * length, int64_t{0}, length));
    }
  }
  int64_t left = dim;
  for (const int64_t length : lengths) {
    if (length < 0 || length > left) call.fail("the lengths do not sum up to the dimension");
    left -= length;
  }
  if (left != 0 || lengths.size() != call.node().outputs.size()) {
    call.fail("the lengths do not sum up to the dimension, or are not one an output");
  }
  const Strides strides = strides_of(x.shape());
  int64_t start = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    Shape shape = x.shape();
    shape[axis] = lengths[i];
    if (call.has_output(i)) {
      copy_strided(x, strides, start * strides[axis], call.output(i, x.dtype(), std::move(shape)));
    }
    start += lengths[i];
  }
}

/// x repeated along each dimension.
void tile(Call& call) {
  const Tensor& x = call.input(0);
  const Shape repeats = call.integers(1);
  if (repeats.size() != x.shape().size()) call.fail("repeats must be one a dimension");
  const Strides dense = strides_of(x.shape());
  Shape shape, walked;
  Strides strides;
  for (size_t d = 0; d < repeats.size(); ++d) {
    int64_t dim = 0;
    if (repeats[d] < 0 || __builtin_mul_overflow(x.shape()[d], repeats[d], &dim)) {
      call.fail("repeats " + onnx::shape_text(repeats) + " are not possible");
    }
    shape.push_back(dim);
    walked.insert(walked.end(), {repeats[d], x.shape()[d]});
    strides.insert(strides.end(), {0, dense[d]});
  }
  Tensor& y = call.output(0, x.dtype(), std::move(shape));
  if (y.size() == 0) return;
  Tensor parts = y.reshaped(std::move(walked));
  copy_strided(x, strides, 0, parts);
}

/// Keeps the upper or the lower triangle of matrices, up to diagonal k; all else becomes 0.
void trilu(Call& call) {
  const Tensor& x = call.input(0);
  if (x.rank() < 2) call.fail("the input must be [..., rows, columns]");
  const bool upper = call.int_or("upper", 1) != 0;
  const Shape given = call.has_input(1) ? call.integers(1) : Shape{0};
  if (given.size() != 1) call.fail("k must be one number");
  const int64_t rows = x.dim(x.rank() - 2);
  const int64_t columns = x.dim(x.rank() - 1);
  const int64_t k = std::clamp(given[0], -rows, columns);
  Tensor& y = call.output(0, x.dtype(), x.shape());
  const size_t bytes = x.element_bytes();
  if (y.size() == 0) return;
  std::memset(y.data(), 0, y.bytes());
  for (int64_t line = 0; line < x.size() / columns; ++line) {
    const int64_t diagonal = line % rows + k;
    const int64_t first = upper ? std::clamp(diagonal, int64_t{0}, columns) : 0;
    const int64_t end = upper ? columns : std::clamp(diagonal + 1, int64_t{0}, columns);
    const auto offset = static_cast<size_t>(line * columns + first) * bytes;
    std::memcpy(y.data() + offset, x.data() + offset, static_cast<size_t>(end - first) * bytes);
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
