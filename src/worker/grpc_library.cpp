// SPDX-License-Identifier: Apache-2.0
#include "grpc_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "error.h"

namespace xpuruntime::worker {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "libxpuruntime_transport_grpc.so";

/// Of the program or plug-in that this is a part of.
fs::path own_folder() {
  Dl_info info{};
  dladdr(reinterpret_cast<const void*>(&own_folder), &info);
  fs::path file = info.dli_fname != nullptr ? info.dli_fname : "";
  if (!file.is_absolute()) file = "/proc/self/exe";  // as it was called
  std::error_code error;
  return fs::canonical(file, error).parent_path();
}

/// Never closed: memory of it is handed out.
struct Library {
  Library() {
    const fs::path up = own_folder().parent_path();
    // From lib/xpuruntime/engines, and from bin of installs and of the build.
    for (const fs::path& folder : {up, up / XPURT_LIBDIR / "xpuruntime", up / "lib/xpuruntime"}) {
      const fs::path file = folder / kFile;
      handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
      if (handle != nullptr) return;
      const char* const why = dlerror();
      problems += std::string("; ") + (why != nullptr ? why : "it cannot be opened");
    }
  }
  void* handle = nullptr;
  std::string problems;
};

template <typename Function>
Function* function_of(const char* name) {
  static const Library library;
  auto* const found = library.handle != nullptr ? dlsym(library.handle, name) : nullptr;
  if (found == nullptr) {
    throw NotInstalled("transport grpc needs " + std::string(kFile) +
                       " and gRPC's libraries (Debian: libgrpc++1.51)" + library.problems);
  }
  return reinterpret_cast<Function*>(found);
}

}  // namespace

std::unique_ptr<ParentEnd> grpc_parent_end() {
  return std::unique_ptr<ParentEnd>(
      function_of<decltype(xpurt_grpc_parent_end)>("xpurt_grpc_parent_end")());
}

std::unique_ptr<Channel> grpc_worker_end(Descriptor inherited) {
  auto* const open = function_of<decltype(xpurt_grpc_worker_end)>("xpurt_grpc_worker_end");
  return std::unique_ptr<Channel>(open(inherited.release()));
}

}  // namespace xpuruntime::worker
