// SPDX-License-Identifier: Apache-2.0
#include "batch_scheduling.h"

#include <sched.h>

namespace xpuruntime::onnxrt {
namespace {

bool set_policy(int policy) noexcept {
  const sched_param parameters{};
  return sched_setscheduler(0, policy, &parameters) == 0;  // 0: this thread
}

}  // namespace

BatchScheduling::BatchScheduling() noexcept
    : is_on_(sched_getscheduler(0) == SCHED_OTHER && set_policy(SCHED_BATCH)) {}

BatchScheduling::~BatchScheduling() {
  if (is_on_) set_policy(SCHED_OTHER);
}

}  // namespace xpuruntime::onnxrt
