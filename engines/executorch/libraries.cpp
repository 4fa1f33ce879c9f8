// SPDX-License-Identifier: Apache-2.0
#include "libraries.h"

#include <dlfcn.h>
#include <executorch/runtime/platform/runtime.h>

#include <filesystem>
#include <string_view>
#include <system_error>

#include "runtime_package/library_file.h"
#include "xpuruntime/engine/process_threads.h"

/// Of libexecutorch_threadpool.so, whose package leaves the header out.
namespace executorch::extension::threadpool {
class ThreadPool {
 public:
  bool _unsafe_reset_threadpool(uint32_t threads);  // NOLINT(readability-identifier-naming)
};
ThreadPool* get_threadpool();
}  // namespace executorch::extension::threadpool

namespace xpuruntime::executorch_engine {
namespace {

namespace fs = std::filesystem;
using engine::Failure;

struct Backend {
  std::string_view name;
  const char* library;
};

constexpr Backend kBackends[] = {
    {"XnnpackBackend", "libexecutorch_backend_xnnpack.so"},
    {"OpenvinoBackend", "libexecutorch_backend_openvino.so"},
};

/// Why not; empty: it is open, for ever.
std::string open(const char* library) {
  const auto address = reinterpret_cast<const void*>(&executorch::runtime::runtime_init);
  const fs::path file = engine::library_file(address).parent_path() / library;
  return dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr ? "" : dlerror();
}

engine::ProcessThreads& process_threads() {
  static auto* const threads = new engine::ProcessThreads("ExecuTorch");
  return *threads;
}

}  // namespace

void open_backend(const std::string& name) {
  for (const Backend& backend : kBackends) {
    if (backend.name != name) continue;
    const std::string reason = open(backend.library);
    if (reason.empty()) return;
    throw Failure(XPURT_UNSUPPORTED_OPERATION,
                  "the program is for " + name + ", which cannot be opened: " + reason);
  }
  std::string text = "the program is for " + name;
  text += "; this engine has XnnpackBackend, OpenvinoBackend and kernels for the CPU";
  throw Failure(XPURT_UNSUPPORTED_OPERATION, text);
}

bool open_quantized_kernels() { return open("libexecutorch_kernels_quantized.so").empty(); }

void check_threads(int32_t asked) { process_threads().check(asked); }

int32_t fix_threads(int32_t asked) {
  return process_threads().fix(asked, [](int32_t threads) {
    namespace pool = executorch::extension::threadpool;
    if (!pool::get_threadpool()->_unsafe_reset_threadpool(static_cast<uint32_t>(threads))) {
      throw Failure(XPURT_ENGINE, "ExecuTorch: its thread pool cannot be set");
    }
  });
}

}  // namespace xpuruntime::executorch_engine
