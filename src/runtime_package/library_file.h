// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

namespace xpuruntime::engine {

/// The file of the library, or the program, that the address is in, as it was opened.
inline std::filesystem::path library_file(const void* address) {
  Dl_info info{};
  if (dladdr(address, &info) == 0) return {};
  std::error_code error;
  return std::filesystem::absolute(info.dli_fname, error);
}

}  // namespace xpuruntime::engine
