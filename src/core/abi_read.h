// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>

namespace xpuruntime {

/// A struct from the other side of the seam in this side's size: members that its writer did not
/// know are zero, those that this side does not know are left out.
template <typename T>
T read_abi(const T* from) {
  if (from != nullptr && from->struct_size >= sizeof(T)) return *from;
  T to{};
  if (from != nullptr) std::memcpy(static_cast<void*>(&to), from, from->struct_size);
  return to;
}

/// Of a member that may be null.
inline std::string text_of(const char* text) { return text != nullptr ? text : ""; }

}  // namespace xpuruntime
