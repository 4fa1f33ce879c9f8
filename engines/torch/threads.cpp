// SPDX-License-Identifier: Apache-2.0
#include "threads.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <mutex>
#include <string>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {
namespace {

std::mutex mutex;
int32_t fixed = 0;  // not yet

void check_locked(int32_t asked) {
  if (fixed == 0 || fixed == asked) return;
  throw engine::Failure(
      XPURT_INVALID_STATE,
      "torch has one number of threads a process: the first session fixed it at " +
          std::to_string(fixed) + ", and this one asks for " + std::to_string(asked) +
          "; leave threads out, or run this session in another process");
}

}  // namespace

void check_threads(int32_t asked) {
  const std::lock_guard lock(mutex);
  check_locked(std::max(asked, 1));
}

int32_t fix_threads(int32_t asked) {
  asked = std::max(asked, 1);
  const std::lock_guard lock(mutex);
  check_locked(asked);
  if (fixed == 0) at::set_num_threads(asked);
  return fixed = asked;
}

}  // namespace xpuruntime::torch_engine
