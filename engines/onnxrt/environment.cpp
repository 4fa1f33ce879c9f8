// SPDX-License-Identifier: Apache-2.0
#include "environment.h"

#include <mutex>
#include <string>

#include "status.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::onnxrt {
namespace {

/// An error that ONNX Runtime logs also comes back as a status, which the caller reads as an
/// exception; said twice it would only be noise, and some are expected and mended.
int32_t host_level(OrtLoggingLevel severity) {
  switch (severity) {
    case ORT_LOGGING_LEVEL_FATAL:
      return XPURT_LOG_ERROR;
    case ORT_LOGGING_LEVEL_WARNING:
      return XPURT_LOG_WARNING;
    default:
      return XPURT_LOG_DEBUG;
  }
}

void ORT_API_CALL log_to_host(void*, OrtLoggingLevel severity, const char* category, const char*,
                              const char* location, const char* message) {
  const int32_t level = host_level(severity);
  if (!engine::logs(level)) return;
  try {
    engine::log(level, "onnxrt", std::string(message) + " (" + category + ", " + location + ")");
  } catch (...) {  // out of memory: a message less
  }
}

}  // namespace

OrtLoggingLevel host_severity() {
  if (engine::logs(XPURT_LOG_DEBUG)) return ORT_LOGGING_LEVEL_INFO;
  if (engine::logs(XPURT_LOG_WARNING)) return ORT_LOGGING_LEVEL_WARNING;
  return ORT_LOGGING_LEVEL_FATAL;
}

OrtEnv* environment() {
  static std::mutex mutex;
  static OrtEnv* made = nullptr;
  library();
  const std::lock_guard lock(mutex);
  if (made == nullptr) {
    OrtEnv* env = nullptr;
    check(ort().CreateEnvWithCustomLogger(&log_to_host, nullptr, host_severity(), "xpuruntime",
                                          &env));
    check(ort().DisableTelemetryEvents(env));
    made = env;
  }
  return made;
}

}  // namespace xpuruntime::onnxrt
