// SPDX-License-Identifier: Apache-2.0
#include "walk.h"

#include <algorithm>
#include <cstring>

namespace xpuruntime::reference {

int64_t product(const Shape& shape, size_t first, size_t last) {
  // The dimensions beside one that is 0 may be so large that the product wraps around.
  uint64_t count = 1;
  for (size_t i = first; i < last; ++i) count *= static_cast<uint64_t>(shape[i]);
  return static_cast<int64_t>(count);
}

Strides strides_of(const Shape& shape) {
  Strides strides(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) strides[i] = product(shape, i + 1, shape.size());
  return strides;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape shape = longer;
  const size_t shift = longer.size() - shorter.size();
  for (size_t i = 0; i < shorter.size(); ++i) {
    int64_t& dim = shape[i + shift];
    if (dim == 1) {
      dim = shorter[i];
    } else if (shorter[i] != 1 && shorter[i] != dim) {
      return std::nullopt;
    }
  }
  return shape;
}

Strides broadcast_strides(const Shape& shape, const Shape& to) {
  const Strides dense = strides_of(shape);
  Strides strides(to.size(), 0);
  const size_t shift = to.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i) strides[i + shift] = shape[i] == 1 ? 0 : dense[i];
  return strides;
}

void copy_strided(const Tensor& from, const Strides& strides, int64_t start, Tensor& to) {
  const size_t bytes = from.element_bytes();
  std::byte* target = to.data();
  for (Walk<1> at(to.shape(), {strides}, {start}); at.more(); at.next()) {
    std::memcpy(target, from.data() + static_cast<size_t>(at[0]) * bytes, bytes);
    target += bytes;
  }
}

}  // namespace xpuruntime::reference
