// SPDX-License-Identifier: Apache-2.0
#include "grpc_library.h"

#include <dlfcn.h>

#include <string>

#include "error.h"

namespace xpuruntime::worker {
namespace {

/// Found by the run path of what this is linked into.
constexpr const char* kFile = "libxpuruntime_transport_grpc.so";

/// Never closed: memory of it is handed out.
template <typename Function>
Function* function_of(const char* name) {
  static void* const library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  auto* const found = library != nullptr ? dlsym(library, name) : nullptr;
  if (found == nullptr) {
    const char* const why = dlerror();
    throw NotInstalled(
        std::string("transport grpc needs ") + kFile + " and gRPC's libraries (" +
        "Debian: libgrpc++1.51): " + (why != nullptr ? why : "it has no " + std::string(name)));
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
