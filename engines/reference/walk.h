// SPDX-License-Identifier: Apache-2.0
/// Shapes: strides, broadcasting, and going through the elements of several tensors in step.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "tensor.h"

namespace xpuruntime::reference {

/// Elements between neighbours along each dimension.
using Strides = std::vector<int64_t>;

/// Product of dims [first, last).
int64_t product(const Shape& shape, size_t first, size_t last);

/// Of a dense, row-major tensor.
Strides strides_of(const Shape& shape);

/// The shape that both stretch to, after "Broadcasting in ONNX" (multidirectional); nothing when
/// they do not match.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);

/// Strides that read a tensor of `shape` as if it had the shape `to` that it broadcasts to.
Strides broadcast_strides(const Shape& shape, const Shape& to);

/// Goes through all indices of a shape in row-major order, and keeps for each of N tensors the
/// offset of the element there:
///   for (Walk<2> at(shape, {a_strides, b_strides}); at.more(); at.next()) { ... at[0] ... at[1] }
template <size_t N>
class Walk {
 public:
  Walk(Shape shape, std::array<Strides, N> strides, std::array<int64_t, N> start = {})
      : shape_(std::move(shape)), strides_(std::move(strides)) {
    restart(start);
  }

  void restart(std::array<int64_t, N> start = {}) {
    index_.assign(shape_.size(), 0);
    offsets_ = start;
    more_ = product(shape_, 0, shape_.size()) > 0;
  }

  bool more() const { return more_; }
  int64_t operator[](size_t tensor) const { return offsets_[tensor]; }
  const Shape& index() const { return index_; }

  void next() {
    for (size_t d = shape_.size(); d-- > 0;) {
      const bool carry = ++index_[d] == shape_[d];
      if (carry) index_[d] = 0;
      for (size_t n = 0; n < N; ++n) {
        offsets_[n] += carry ? -strides_[n][d] * (shape_[d] - 1) : strides_[n][d];
      }
      if (!carry) return;
    }
    more_ = false;
  }

 private:
  Shape shape_;
  std::array<Strides, N> strides_;
  Shape index_;
  std::array<int64_t, N> offsets_{};
  bool more_ = false;
};

/// Fills `to` in row-major order with the elements of `from` at `start` plus strides times index.
void copy_strided(const Tensor& from, const Strides& strides, int64_t start, Tensor& to);

}  // namespace xpuruntime::reference
