// SPDX-License-Identifier: Apache-2.0
/// What can go wrong: one class a kind of error, made from error_table.inc. A message says where,
/// what was expected, what was got and the way out.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "xpuruntime/export.h"

namespace xpuruntime {

/// Which row of the error table; the number is the code that crosses the engine seam.
enum class ErrorCode : int32_t {
#define XPURT_ERROR(name, base, code, exit_code, http, grpc) name = code,
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
};

/// What an error knows beyond its words.
struct ErrorDetail {
  int64_t native_code = 0;  ///< the engine's own code, 0 where it has none
  bool retryable = false;   ///< the same call may succeed later
  uint64_t asked = 0;       ///< bytes or count asked for, where an amount is at fault
  uint64_t available = 0;   ///< bytes or count there was
};

/// The base of every error that xpuruntime throws.
class XPURT_API XpuRuntimeError : public std::runtime_error {
 public:
  ErrorCode code() const noexcept { return code_; }
  const ErrorDetail& detail() const noexcept { return detail_; }
  const char* name() const noexcept;         ///< of the class
  int exit_code() const noexcept;            ///< of the command line
  int http_status() const noexcept;          ///< RFC 9110 status code (499: client closed request)
  const char* grpc_status() const noexcept;  ///< name of the gRPC status code

 protected:
  XpuRuntimeError(ErrorCode code, const std::string& message, const ErrorDetail& detail);

 private:
  ErrorCode code_;
  ErrorDetail detail_;
};

#define XPURT_ERROR(name, base, code, exit_code, http, grpc)                          \
  class XPURT_API name : public base {                                                \
   public:                                                                            \
    explicit name(const std::string& message, const ErrorDetail& detail = {})         \
        : base(ErrorCode::name, message, detail) {}                                   \
                                                                                      \
   protected:                                                                         \
    name(ErrorCode error_code, const std::string& message, const ErrorDetail& detail) \
        : base(error_code, message, detail) {}                                        \
  };
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR

/// Throws the class that `code` stands for.
[[noreturn]] XPURT_API void throw_error(ErrorCode code, const std::string& message,
                                        const ErrorDetail& detail = {});

}  // namespace xpuruntime
