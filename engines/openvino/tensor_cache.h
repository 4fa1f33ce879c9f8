// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <openvino/runtime/tensor.hpp>
#include <span>
#include <vector>

namespace xpuruntime::openvino {

/// What tells one view of memory from another.
struct TensorKey {
  void* data = nullptr;
  int32_t dtype = 0;
  std::vector<int64_t> shape;

  bool is(const void* other_data, int32_t other_dtype, std::span<const int64_t> other_shape) const {
    return data == other_data && dtype == other_dtype && std::ranges::equal(shape, other_shape);
  }
};

/// The few tensors that one input or output of a Context was last seen as. They own nothing: each
/// is a view of host memory that is set anew for every run, so one whose memory is gone does no
/// harm.
class TensorCache {
 public:
  struct Entry {
    TensorKey key;
    ov::Tensor tensor;
  };

  /// The tensor over that memory; valid until the fourth other one is asked for. `data` may be null
  /// where there are no elements.
  const Entry& get(void* data, int32_t dtype, std::span<const int64_t> shape);

 private:
  static constexpr size_t kSize = 4;

  std::array<Entry, kSize> entries_;
  std::array<uint64_t, kSize> used_{};  ///< when, for the least recently used to go
  uint64_t clock_ = 0;
};

/// An address for tensors without elements, which OpenVINO does not take null for.
void* no_elements() noexcept;

}  // namespace xpuruntime::openvino
