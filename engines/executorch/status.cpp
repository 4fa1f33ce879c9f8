// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <executorch/runtime/platform/platform.h>
#include <executorch/runtime/platform/runtime.h>

#include <mutex>

namespace xpuruntime::executorch_engine {
namespace {

using engine::Failure;

constexpr size_t kLongest = 2000;  // of the reasons that a failure gives

std::string& reasons() {
  static thread_local std::string text;
  return text;
}

int32_t level_of(et_pal_log_level_t level) {
  switch (level) {
    case et_pal_log_level_t::kDebug:
    case et_pal_log_level_t::kInfo:
      return XPURT_LOG_DEBUG;
    default:
      // Errors are thrown, and the host tells them.
      return XPURT_LOG_INFO;
  }
}

void emit(et_timestamp_t, et_pal_log_level_t level, const char*, const char*, size_t,
          const char* message, size_t length) {
  const std::string text(message, length);
  engine::log(level_of(level), "executorch", text);
  std::string& kept = reasons();
  const bool is_error = level == et_pal_log_level_t::kError || level == et_pal_log_level_t::kFatal;
  if (!is_error || kept.size() + text.size() > kLongest) return;
  kept += (kept.empty() ? "" : "; ") + text;
}

xpurt_status status_of(Error error, xpurt_status otherwise) {
  switch (error) {
    case Error::MemoryAllocationFailed:
    case Error::DelegateMemoryAllocationFailed:
    case Error::OutOfResources:
      return XPURT_OUT_OF_MEMORY;
    case Error::NotSupported:
    case Error::NotImplemented:
    case Error::OperatorMissing:
    case Error::DelegateInvalidCompatibility:
      return XPURT_UNSUPPORTED_OPERATION;
    default:
      return otherwise;
  }
}

}  // namespace

void take_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    namespace runtime = executorch::runtime;
    runtime::register_pal(runtime::PalImpl::create(emit, __FILE__));
    runtime::runtime_init();
  });
}

void clear_log() noexcept { reasons().clear(); }

Failure failure_of(Error error, const std::string& where, xpurt_status otherwise) {
  std::string text = where.empty() ? "ExecuTorch: " : where + ": ExecuTorch: ";
  text += reasons().empty() ? executorch::runtime::to_string(error) : reasons();
  clear_log();
  return Failure(status_of(error, otherwise), text, static_cast<int64_t>(error));
}

}  // namespace xpuruntime::executorch_engine
