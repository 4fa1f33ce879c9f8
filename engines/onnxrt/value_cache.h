// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "handle.h"

namespace xpuruntime::onnxrt {

/// What tells one view of memory from another.
struct TensorKey {
  void* data = nullptr;
  uint64_t bytes = 0;
  int32_t dtype = 0;
  std::vector<int64_t> shape;

  bool is(const void* other_data, uint64_t other_bytes, int32_t other_dtype,
          std::span<const int64_t> other_shape) const {
    return data == other_data && bytes == other_bytes && dtype == other_dtype &&
           shape.size() == other_shape.size() &&
           std::equal(shape.begin(), shape.end(), other_shape.begin());
  }
};

/// The few OrtValues that one input or output of a Context was last seen as. They own nothing: each
/// is a view of host memory that is set anew for every run, so one whose memory is gone does no
/// harm. Making one takes about half a microsecond.
class ValueCache {
 public:
  struct Entry {
    TensorKey key;
    Value value;
    uint64_t serial = 0;  ///< unique in this cache, where an address may come back
  };

  /// The value over that memory; valid until the fourth other one is asked for. `data` may be null
  /// where `bytes` is 0.
  const Entry& get(const OrtMemoryInfo* memory, void* data, uint64_t bytes, int32_t dtype,
                   std::span<const int64_t> shape);

 private:
  static constexpr size_t kSize = 4;

  std::array<Entry, kSize> entries_;
  std::array<uint64_t, kSize> used_{};  ///< when, for the least recently used to go
  uint64_t clock_ = 0;
};

}  // namespace xpuruntime::onnxrt
