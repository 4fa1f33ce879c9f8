// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "xpuruntime/shape.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime {

// Strings lie in one block: the offsets of Arrow's layout, one more than there are elements, then
// the bytes that they point into.

inline size_t offset_bytes(int64_t count) noexcept {
  return (static_cast<size_t>(count) + 1) * sizeof(int64_t);
}
inline std::span<const int64_t> string_offsets(const void* block, int64_t count) noexcept {
  return {static_cast<const int64_t*>(block), static_cast<size_t>(count) + 1};
}
inline const char* string_bytes(const void* block, int64_t count) noexcept {
  return static_cast<const char*>(block) + offset_bytes(count);
}
/// Do the offsets begin at 0, never fall, and end at `byte_count`?
bool are_string_offsets(std::span<const int64_t> offsets, uint64_t byte_count) noexcept;

}  // namespace xpuruntime
