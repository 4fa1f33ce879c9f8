// SPDX-License-Identifier: Apache-2.0
// Operators that read or write elements at places that an input tells.
#include <algorithm>
#include <cstring>

#include "ops.h"

namespace xpuruntime::reference {
namespace {

Tensor read_indices(const Call& call, size_t i) {
  const DType dtype = call.input(i).dtype();
  if (dtype != DType::kInt32 && dtype != DType::kInt64) call.fail("indices must be integers");
  return call.as(i, DType::kInt64);
}

/// An index from either end as one from 0 on.
int64_t checked(const Call& call, int64_t index, int64_t dim) {
  if (index < -dim || index >= dim) {
    call.fail("index " + std::to_string(index) + " is outside of dimension " + std::to_string(dim));
  }
  return index < 0 ? index + dim : index;
}

/// Puts elements of `from` into `to`, or adds, multiplies or compares them with what is there.
class Scatter {
 public:
  Scatter(const Call& call, const Tensor& from, Tensor& to)
      : call_(call), from_(from), to_(to), mode_(call.string_or("reduction", "none")) {
    if (from.dtype() != to.dtype()) call.fail("the updates' dtype is not the input's");
    if (mode_ != "none" && mode_ != "add" && mode_ != "mul" && mode_ != "max" && mode_ != "min") {
      call.fail("reduction '" + mode_ + "' is unknown");
    }
  }

  void put(int64_t from, int64_t to, int64_t count) const {
    if (count == 0) return;
    if (mode_ == "none") {
      const size_t bytes = to_.element_bytes();
      std::memcpy(to_.data() + static_cast<size_t>(to) * bytes,
                  from_.data() + static_cast<size_t>(from) * bytes,
                  static_cast<size_t>(count) * bytes);
      return;
    }
    call_.dispatch(to_.dtype(), Numbers{}, [&]<typename T>() {
      for (int64_t i = 0; i < count; ++i) {
        T& element = to_.values<T>()[to + i];
        element = together(element, from_.values<T>()[from + i]);
      }
    });
  }

 private:
  template <typename T>
  T together(T old, T update) const {
    const auto a = static_cast<Sum<T>>(widen(old)), b = static_cast<Sum<T>>(widen(update));
    if (mode_ == "add") return narrow<T>(a + b);
    if (mode_ == "mul") return narrow<T>(a * b);
    const bool is_greater = widen(update) > widen(old);
    return is_greater == (mode_ == "max") ? update : old;
  }

  const Call& call_;
  const Tensor& from_;
  Tensor& to_;
  std::string mode_;
};

/// body(place, offset): for each of the indices, in order, where it points to in a tensor of
/// `shape`: along `axis` to the index, elsewhere to its own place.
template <typename Body>
void for_each_element(const Call& call, const Tensor& indices, const Shape& shape, Body body) {
  const size_t axis = call.axis(call.int_or("axis", 0), static_cast<int64_t>(shape.size()));
  if (indices.shape().size() != shape.size()) call.fail("the indices have another rank");
  Strides strides = strides_of(shape);
  const int64_t step = strides[axis];
  strides[axis] = 0;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (d != axis && indices.shape()[d] > shape[d]) call.fail("the indices are too many");
  }
  int64_t place = 0;
  for (Walk<1> at(indices.shape(), {strides}); at.more(); at.next(), ++place) {
    const int64_t index = indices.values<int64_t>()[place];
    body(place, at[0] + checked(call, index, shape[axis]) * step);
  }
}

/// Blocks of a tensor that the last dimension of `indices` points to.
struct Blocks {
  Shape shape;                   ///< of all of them together
  std::vector<int64_t> offsets;  ///< of each one
  int64_t size;                  ///< elements in one
};

/// The first `batch` dimensions of both go together.
Blocks find_blocks(const Call& call, const Tensor& indices, const Shape& shape, size_t batch) {
  if (indices.rank() < 1) call.fail("the indices must have a dimension");
  const size_t last = indices.shape().size() - 1;
  const int64_t depth = indices.shape()[last];
  if (depth < 1 || batch > last || batch > shape.size() ||
      depth > static_cast<int64_t>(shape.size() - batch) ||
      !std::equal(shape.begin(), shape.begin() + static_cast<ptrdiff_t>(batch),
                  indices.shape().begin())) {
    call.fail("the indices do not match the input's dimensions");
  }
  const Strides strides = strides_of(shape);
  const size_t end = batch + static_cast<size_t>(depth);
  Blocks blocks{{indices.shape().begin(), indices.shape().end() - 1}, {}, 0};
  blocks.shape.insert(blocks.shape.end(), shape.begin() + static_cast<ptrdiff_t>(end), shape.end());
  blocks.size = product(shape, end, shape.size());
  const int64_t count = product(indices.shape(), 0, last);
  const int64_t in_batch = product(indices.shape(), batch, last);
  for (int64_t i = 0; i < (indices.size() > 0 ? count : 0); ++i) {
    int64_t offset = i / in_batch * product(shape, batch, shape.size());
    for (size_t d = batch; d < end; ++d) {
      const int64_t at = i * depth + static_cast<int64_t>(d - batch);
      offset += checked(call, indices.values<int64_t>()[at], shape[d]) * strides[d];
    }
    blocks.offsets.push_back(offset);
  }
  return blocks;
}

Tensor& copy_of_input(Call& call) {
  const Tensor& x = call.input(0);
  Tensor& y = call.output(0, x.dtype(), x.shape());
  if (x.bytes() > 0) std::memcpy(y.data(), x.data(), x.bytes());
  return y;
}

}  // namespace

void gather_elements(Call& call) {
  const Tensor& x = call.input(0);
  const Tensor indices = read_indices(call, 1);
  Tensor& y = call.output(0, x.dtype(), indices.shape());
  const size_t bytes = x.element_bytes();
  for_each_element(call, indices, x.shape(), [&](int64_t place, int64_t offset) {
    std::memcpy(y.data() + static_cast<size_t>(place) * bytes,
                x.data() + static_cast<size_t>(offset) * bytes, bytes);
  });
}

/// Reductions came with operator set 16.
void scatter_elements(Call& call) {
  const Tensor indices = read_indices(call, 1);
  const Tensor& updates = call.input(2);
  if (updates.shape() != indices.shape()) call.fail("the updates' shape is not the indices'");
  Tensor& y = copy_of_input(call);
  const Scatter scatter(call, updates, y);
  for_each_element(call, indices, y.shape(),
                   [&](int64_t place, int64_t offset) { scatter.put(place, offset, 1); });
}

void gather_nd(Call& call) {
  const Tensor& x = call.input(0);
  const int64_t batch = call.int_or("batch_dims", 0);
  if (batch < 0) call.fail("attribute 'batch_dims' is negative");
  const Blocks blocks =
      find_blocks(call, read_indices(call, 1), x.shape(), static_cast<size_t>(batch));
  Tensor& y = call.output(0, x.dtype(), blocks.shape);
  const size_t bytes = x.element_bytes();
  const size_t block_bytes = static_cast<size_t>(blocks.size) * bytes;
  std::byte* to = y.data();
  if (y.size() == 0) return;
  for (const int64_t offset : blocks.offsets) {
    std::memcpy(to, x.data() + static_cast<size_t>(offset) * bytes, block_bytes);
    to += block_bytes;
  }
}

/// Reductions came with operator set 16.
void scatter_nd(Call& call) {
  const Blocks blocks = find_blocks(call, read_indices(call, 1), call.input(0).shape(), 0);
  const Tensor& updates = call.input(2);
  if (updates.shape() != blocks.shape) {
    call.fail("the updates must be " + onnx::shape_text(blocks.shape));
  }
  Tensor& y = copy_of_input(call);
  const Scatter scatter(call, updates, y);
  int64_t from = 0;
  for (const int64_t offset : blocks.offsets) {
    scatter.put(from, offset, blocks.size);
    from += blocks.size;
  }
}

/// [.., depth, ..] with the second of `values` at the index and the first elsewhere; an index that
/// is outside has the first alone.
void one_hot(Call& call) {
  const Tensor indices = call.as(0, DType::kInt64);
  const Tensor depth = call.as(1, DType::kInt64);
  const Tensor& values = call.input(2);
  if (depth.size() != 1 || values.size() != 2) call.fail("depth must be one value, values two");
  const int64_t count = *depth.values<int64_t>();
  const size_t axis = call.axis(call.int_or("axis", -1), indices.rank() + 1);
  Shape shape = indices.shape();
  shape.insert(shape.begin() + static_cast<ptrdiff_t>(axis), count);
  Tensor& y = call.output(0, values.dtype(), shape);
  const int64_t inner = product(indices.shape(), axis, indices.shape().size());
  const size_t bytes = values.element_bytes();
  for (int64_t i = 0; i < y.size(); ++i) {
    const int64_t index = indices.values<int64_t>()[i / (inner * count) * inner + i % inner];
    const bool is_hot = (index < 0 ? index + count : index) == i / inner % count;
    std::memcpy(y.data() + static_cast<size_t>(i) * bytes, values.data() + (is_hot ? bytes : 0),
                bytes);
  }
}

/// The slices along an axis, or the elements, at which the condition is true; it may be shorter.
void compress(Call& call) {
  const bool flat = call.node().attribute("axis") == nullptr;
  const Tensor x = flat ? call.input(0).reshaped({call.input(0).size()}) : call.input(0);
  const Tensor& condition = call.input(1);
  const size_t axis = call.axis(call.int_or("axis", 0), x.rank());
  if (condition.dtype() != DType::kBool || condition.rank() != 1 ||
      condition.size() > x.shape()[axis]) {
    call.fail("the condition must be bool, of at most the axis's length");
  }
  const auto keeps = [&](int64_t i) { return widen(condition.values<Bool>()[i]); };
  Shape shape = x.shape();
  shape[axis] = 0;
  for (int64_t i = 0; i < condition.size(); ++i) shape[axis] += keeps(i) ? 1 : 0;
  Tensor& y = call.output(0, x.dtype(), shape);
  const auto bytes =
      static_cast<size_t>(product(shape, axis + 1, shape.size())) * x.element_bytes();
  std::byte* to = y.data();
  for (int64_t block = 0; y.size() > 0 && block < product(shape, 0, axis); ++block) {
    for (int64_t i = 0; i < condition.size(); ++i) {
      if (!keeps(i)) continue;
      std::memcpy(to, x.data() + static_cast<size_t>(block * x.shape()[axis] + i) * bytes, bytes);
      to += bytes;
    }
  }
}

}  // namespace xpuruntime::reference
