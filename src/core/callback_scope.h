// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace xpuruntime {

/// Marks that this thread calls back into the user's code for a job: what waits for the same
/// session there would wait for itself. A session is told by the address of its ContextPool.
class CallbackScope {
 public:
  CallbackScope(const void* session, const void* job) noexcept;
  ~CallbackScope();
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;

  static bool is_inside(const void* session) noexcept;
  static bool is_of_job(const void* job) noexcept;

 private:
  const CallbackScope* outer_;
  const void* session_;
  const void* job_;
};

}  // namespace xpuruntime
