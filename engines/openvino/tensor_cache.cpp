// SPDX-License-Identifier: Apache-2.0
#include "tensor_cache.h"

#include "element_type.h"

namespace xpuruntime::openvino {

void* no_elements() noexcept {
  alignas(64) static std::byte nothing{};
  return &nothing;
}

const TensorCache::Entry& TensorCache::get(void* data, int32_t dtype,
                                           std::span<const int64_t> shape) {
  ++clock_;
  size_t oldest = 0;
  for (size_t i = 0; i < kSize; ++i) {
    if (entries_[i].tensor && entries_[i].key.is(data, dtype, shape)) {
      used_[i] = clock_;
      return entries_[i];
    }
    if (used_[i] < used_[oldest]) oldest = i;
  }
  Entry& entry = entries_[oldest];
  entry.tensor =
      ov::Tensor(ov::element::Type(element_type_of(dtype)), ov::Shape(shape.begin(), shape.end()),
                 data != nullptr ? data : no_elements());
  entry.key = {data, dtype, {shape.begin(), shape.end()}};
  used_[oldest] = clock_;
  return entry;
}

}  // namespace xpuruntime::openvino
