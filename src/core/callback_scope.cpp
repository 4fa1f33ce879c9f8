// SPDX-License-Identifier: Apache-2.0
#include "callback_scope.h"

namespace xpuruntime {
namespace {
thread_local const CallbackScope* innermost = nullptr;
}  // namespace

CallbackScope::CallbackScope(const void* session, const void* job) noexcept
    : outer_(innermost), session_(session), job_(job) {
  innermost = this;
}

CallbackScope::~CallbackScope() { innermost = outer_; }

bool CallbackScope::is_inside(const void* session) noexcept {
  for (const CallbackScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
    if (scope->session_ == session) return true;
  }
  return false;
}

bool CallbackScope::is_of_job(const void* job) noexcept {
  for (const CallbackScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
    if (scope->job_ == job) return true;
  }
  return false;
}

}  // namespace xpuruntime
