// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/error.h"

#include "xpuruntime/engine/abi.h"

namespace xpuruntime {
namespace {

struct ErrorRow {
  ErrorCode code;
  const char* name;
  int exit_code;
  int http_status;
  const char* grpc_status;
};

constexpr ErrorRow kErrorTable[] = {
#define XPURT_ERROR(name, base, code, exit_code, http, grpc) \
  {ErrorCode::name, #name, exit_code, http, #grpc},
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
};

// abi.h cannot include the table, so its numbers are checked against it here.
static_assert(static_cast<int>(ErrorCode::InvalidArgumentError) == XPURT_INVALID_ARGUMENT);
static_assert(static_cast<int>(ErrorCode::ModelNotFoundError) == XPURT_MODEL_NOT_FOUND);
static_assert(static_cast<int>(ErrorCode::UnsupportedOperationError) ==
              XPURT_UNSUPPORTED_OPERATION);
static_assert(static_cast<int>(ErrorCode::UnavailableError) == XPURT_UNAVAILABLE);
static_assert(static_cast<int>(ErrorCode::EngineNotInstalledError) == XPURT_ENGINE_NOT_INSTALLED);
static_assert(static_cast<int>(ErrorCode::InvalidStateError) == XPURT_INVALID_STATE);
static_assert(static_cast<int>(ErrorCode::OutOfMemoryError) == XPURT_OUT_OF_MEMORY);
static_assert(static_cast<int>(ErrorCode::QueueFullError) == XPURT_QUEUE_FULL);
static_assert(static_cast<int>(ErrorCode::DeadlineExceededError) == XPURT_DEADLINE_EXCEEDED);
static_assert(static_cast<int>(ErrorCode::CancelledError) == XPURT_CANCELLED);
static_assert(static_cast<int>(ErrorCode::AgreementError) == XPURT_AGREEMENT);
static_assert(static_cast<int>(ErrorCode::ModelMismatchError) == XPURT_MODEL_MISMATCH);
static_assert(static_cast<int>(ErrorCode::ProtocolError) == XPURT_PROTOCOL);
static_assert(static_cast<int>(ErrorCode::EngineError) == XPURT_ENGINE);
static_assert(static_cast<int>(ErrorCode::InternalError) == XPURT_INTERNAL);

const ErrorRow& row_of(ErrorCode code) noexcept {
  for (const ErrorRow& row : kErrorTable) {
    if (row.code == code) return row;
  }
  return row_of(ErrorCode::InternalError);
}

}  // namespace

XpuRuntimeError::XpuRuntimeError(ErrorCode code, const std::string& message,
                                 const ErrorDetail& detail)
    : std::runtime_error(message), code_(code), detail_(detail) {}

const char* XpuRuntimeError::name() const noexcept { return row_of(code_).name; }
int XpuRuntimeError::exit_code() const noexcept { return row_of(code_).exit_code; }
int XpuRuntimeError::http_status() const noexcept { return row_of(code_).http_status; }
const char* XpuRuntimeError::grpc_status() const noexcept { return row_of(code_).grpc_status; }

void throw_error(ErrorCode code, const std::string& message, const ErrorDetail& detail) {
  switch (code) {
#define XPURT_ERROR(name, base, number, exit_code, http, grpc) \
  case ErrorCode::name:                                        \
    throw name(message, detail);
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
  }
  // A code that is not in the table came over the engine seam.
  throw InternalError(message + " (error code " + std::to_string(static_cast<int>(code)) + ")",
                      detail);
}

}  // namespace xpuruntime
