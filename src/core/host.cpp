// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <string>

#include "log.h"
#include "thread_budget.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

xpurt_status fail(xpurt_error* error, xpurt_status code, int64_t native_code, uint32_t flags,
                  uint64_t asked, uint64_t available, const char* text) {
  if (code == XPURT_OK) code = XPURT_INTERNAL;
  if (error == nullptr || error->code != XPURT_OK) return code;
  error->code = code;
  error->native_code = native_code;
  error->flags = flags;
  error->asked = asked;
  error->available = available;
  try {
    error->text = text != nullptr ? text : "";
  } catch (const std::bad_alloc&) {
    error->text.clear();
  }
  return code;
}

int32_t level_for_engines() { return static_cast<int32_t>(log_level()); }

void log_line(int32_t level, const char* engine, const char* text) {
  if (level < XPURT_LOG_DEBUG || level > XPURT_LOG_ERROR) return;
  log(static_cast<LogLevel>(level),
      std::string(engine != nullptr ? engine : "engine") + ": " + (text != nullptr ? text : ""));
}

}  // namespace

const xpurt_host* host_table() {
  static const xpurt_host table{sizeof(xpurt_host), XPURT_ABI_MAJOR, XPURT_ABI_MINOR, fail,
                                level_for_engines,  log_line,        thread_budget};
  return &table;
}

xpurt_status record(xpurt_error* error, xpurt_status code, const std::string& text, uint64_t asked,
                    uint64_t available) {
  return fail(error, code, 0, 0, asked, available, text.c_str());
}

void throw_failure(const xpurt_error& error, xpurt_status status, const std::string& where) {
  const bool told = error.code != XPURT_OK;
  const std::string text = told && !error.text.empty() ? error.text : "the engine gave no reason";
  throw_error(static_cast<ErrorCode>(told ? error.code : status), text + " (" + where + ")",
              {.native_code = error.native_code,
               .retryable = (error.flags & XPURT_RETRYABLE) != 0,
               .asked = error.asked,
               .available = error.available});
}

}  // namespace xpuruntime
