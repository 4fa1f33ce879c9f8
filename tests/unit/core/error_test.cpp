// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/error.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <type_traits>
#include <typeinfo>

namespace xpuruntime {
namespace {

struct Row {
  ErrorCode code;
  int number;
  const char* name;
  int exit_code;
  int http_status;
  const char* grpc_status;
};

// Written out once more, so that a change of the table is a change that somebody meant.
constexpr Row kTable[] = {
    {ErrorCode::InvalidArgumentError, 1, "InvalidArgumentError", 2, 400, "INVALID_ARGUMENT"},
    {ErrorCode::ModelNotFoundError, 2, "ModelNotFoundError", 3, 404, "NOT_FOUND"},
    {ErrorCode::UnsupportedOperationError, 3, "UnsupportedOperationError", 4, 501, "UNIMPLEMENTED"},
    {ErrorCode::UnavailableError, 4, "UnavailableError", 5, 503, "UNAVAILABLE"},
    {ErrorCode::EngineNotInstalledError, 5, "EngineNotInstalledError", 5, 503, "UNAVAILABLE"},
    {ErrorCode::InvalidStateError, 6, "InvalidStateError", 6, 409, "FAILED_PRECONDITION"},
    {ErrorCode::OutOfMemoryError, 7, "OutOfMemoryError", 7, 503, "RESOURCE_EXHAUSTED"},
    {ErrorCode::QueueFullError, 8, "QueueFullError", 7, 503, "RESOURCE_EXHAUSTED"},
    {ErrorCode::DeadlineExceededError, 9, "DeadlineExceededError", 8, 504, "DEADLINE_EXCEEDED"},
    {ErrorCode::CancelledError, 10, "CancelledError", 9, 499, "CANCELLED"},
    {ErrorCode::AgreementError, 11, "AgreementError", 10, 409, "FAILED_PRECONDITION"},
    {ErrorCode::ModelMismatchError, 12, "ModelMismatchError", 10, 409, "FAILED_PRECONDITION"},
    {ErrorCode::ProtocolError, 13, "ProtocolError", 11, 400, "INVALID_ARGUMENT"},
    {ErrorCode::EngineError, 14, "EngineError", 12, 500, "INTERNAL"},
    {ErrorCode::InternalError, 15, "InternalError", 13, 500, "INTERNAL"},
};

TEST(ErrorTest, EveryRowHasItsCodesAndStatuses) {
  for (const Row& row : kTable) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(static_cast<int>(row.code), row.number);
    const ErrorDetail detail{.native_code = -5, .retryable = true, .asked = 9, .available = 3};
    try {
      throw_error(row.code, "the words", detail);
    } catch (const XpuRuntimeError& error) {
      EXPECT_EQ(error.code(), row.code);
      EXPECT_STREQ(error.name(), row.name);
      EXPECT_EQ(error.exit_code(), row.exit_code);
      EXPECT_EQ(error.http_status(), row.http_status);
      EXPECT_STREQ(error.grpc_status(), row.grpc_status);
      EXPECT_STREQ(error.what(), "the words");
      EXPECT_EQ(error.detail().native_code, -5);
      EXPECT_TRUE(error.detail().retryable);
      EXPECT_EQ(error.detail().asked, 9U);
      EXPECT_EQ(error.detail().available, 3U);
    }
  }
}

TEST(ErrorTest, TheTableHasNoOtherRows) {
  int rows = 0;
#define XPURT_ERROR(name, base, code, exit_code, http, grpc) ++rows;
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
  EXPECT_EQ(rows, static_cast<int>(std::size(kTable)));
}

/// Is `Class` what throw_error throws for `code`, and does it know its code itself?
template <typename Class, typename Base>
void expect_class(ErrorCode code) {
  static_assert(std::is_base_of_v<Base, Class>);
  static_assert(std::is_base_of_v<XpuRuntimeError, Class>);
  static_assert(std::is_base_of_v<std::runtime_error, Class>);
  EXPECT_EQ(Class("").code(), code);
  try {
    throw_error(code, "");
  } catch (const XpuRuntimeError& error) {
    EXPECT_EQ(typeid(error), typeid(Class)) << error.name();
  }
}

TEST(ErrorTest, ThrowsTheClassOfEachCode) {
#define XPURT_ERROR(name, base, number, exit_code, http, grpc) \
  expect_class<name, base>(ErrorCode::name);
#include "xpuruntime/error_table.inc"
#undef XPURT_ERROR
}

TEST(ErrorTest, AnEngineThatIsNotInstalledIsUnavailable) {
  try {
    throw EngineNotInstalledError("install it");
  } catch (const UnavailableError& error) {
    EXPECT_EQ(error.code(), ErrorCode::EngineNotInstalledError);
    EXPECT_STREQ(error.name(), "EngineNotInstalledError");
  }
}

TEST(ErrorTest, NoClassIsCaughtAsAnother) {
  static_assert(!std::is_base_of_v<OutOfMemoryError, QueueFullError>);
  static_assert(!std::is_base_of_v<EngineError, InternalError>);
  static_assert(!std::is_base_of_v<InvalidArgumentError, ProtocolError>);
}

TEST(ErrorTest, ACodeThatIsInNoRowIsInternalAndSaysWhich) {
  try {
    throw_error(static_cast<ErrorCode>(99), "a strange thing");
  } catch (const InternalError& error) {
    EXPECT_STREQ(error.what(), "a strange thing (error code 99)");
    return;
  }
  FAIL();
}

}  // namespace
}  // namespace xpuruntime
