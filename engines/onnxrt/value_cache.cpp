// SPDX-License-Identifier: Apache-2.0
#include "value_cache.h"

#include "element_type.h"

namespace xpuruntime::onnxrt {
namespace {

/// ONNX Runtime takes no null address, not even for an empty tensor.
std::byte nothing{};

}  // namespace

const ValueCache::Entry& ValueCache::get(const OrtMemoryInfo* memory, void* data, uint64_t bytes,
                                         int32_t dtype, std::span<const int64_t> shape) {
  ++clock_;
  size_t oldest = 0;
  for (size_t i = 0; i < kSize; ++i) {
    if (entries_[i].value && entries_[i].key.is(data, bytes, dtype, shape)) {
      used_[i] = clock_;
      return entries_[i];
    }
    if (used_[i] < used_[oldest]) oldest = i;
  }
  Entry& entry = entries_[oldest];
  entry.value.reset();
  TensorKey& key = entry.key;
  key = {data, bytes, dtype, {shape.begin(), shape.end()}};
  entry.value = make<Value>([&](OrtValue** out) {
    return ort().CreateTensorWithDataAsOrtValue(memory, data != nullptr ? data : &nothing, bytes,
                                                key.shape.data(), key.shape.size(),
                                                element_type_of(dtype), out);
  });
  entry.serial = clock_;
  used_[oldest] = clock_;
  return entry;
}

}  // namespace xpuruntime::onnxrt
