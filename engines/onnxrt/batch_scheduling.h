// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace xpuruntime::onnxrt {

/// While it lives, threads that this thread starts are of Linux's policy SCHED_BATCH (sched(7)):
/// when they wake they take a free core, and never that of a thread that runs. This thread is of it
/// too meanwhile. One of another policy than the default (a real-time one) is left as it is.
class BatchScheduling {
 public:
  BatchScheduling() noexcept;
  ~BatchScheduling();
  BatchScheduling(const BatchScheduling&) = delete;
  BatchScheduling& operator=(const BatchScheduling&) = delete;

 private:
  bool is_on_;
};

}  // namespace xpuruntime::onnxrt
