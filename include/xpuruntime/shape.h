// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "xpuruntime/export.h"

namespace xpuruntime {

/// The dimensions of a tensor, or of a TensorInfo with -1 for a dynamic one. A value that takes no
/// memory of its own up to rank 6.
class XPURT_API Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims) { assign(dims); }

  size_t rank() const noexcept { return rank_; }
  const int64_t* data() const noexcept { return rank_ <= kInline ? few_.data() : many_.data(); }
  const int64_t* begin() const noexcept { return data(); }
  const int64_t* end() const noexcept { return data() + rank_; }
  int64_t operator[](size_t i) const noexcept { return data()[i]; }
  std::span<const int64_t> dims() const noexcept { return {data(), rank_}; }

  void assign(std::span<const int64_t> dims) {
    rank_ = static_cast<uint32_t>(dims.size());
    if (rank_ <= kInline) {
      std::copy(dims.begin(), dims.end(), few_.begin());
    } else {
      many_.assign(dims.begin(), dims.end());
    }
  }

  bool is_static() const noexcept;  ///< no dimension is negative
  /// The product of the dimensions, 1 for rank 0. Throws InvalidArgumentError if a dimension is
  /// negative or the product does not fit.
  int64_t element_count() const;

  bool operator==(const Shape& other) const noexcept {
    return std::ranges::equal(dims(), other.dims());
  }

 private:
  static constexpr size_t kInline = 6;
  uint32_t rank_ = 0;
  std::array<int64_t, kInline> few_{};
  std::vector<int64_t> many_;
};

/// "[1,3,-1]".
XPURT_API std::string to_string(const Shape& shape);

}  // namespace xpuruntime
