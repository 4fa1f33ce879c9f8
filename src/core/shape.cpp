// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/shape.h"

#include "xpuruntime/error.h"

namespace xpuruntime {

bool Shape::is_static() const noexcept {
  return std::ranges::all_of(dims(), [](int64_t dim) { return dim >= 0; });
}

int64_t Shape::element_count() const {
  // A 0 anywhere makes an empty tensor, however large the other dimensions are.
  int64_t count = 1;
  bool fits = true;
  bool empty = false;
  for (const int64_t dim : dims()) {
    if (dim < 0) {
      throw InvalidArgumentError("shape " + to_string(*this) + " has a negative dimension");
    }
    empty = empty || dim == 0;
    fits = fits && !__builtin_mul_overflow(count, dim, &count);
  }
  if (empty) return 0;
  if (!fits) throw InvalidArgumentError("shape " + to_string(*this) + " has too many elements");
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (i != 0) text += ",";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

}  // namespace xpuruntime
