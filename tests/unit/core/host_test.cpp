// SPDX-License-Identifier: Apache-2.0
#include "core/host.h"

#include <gtest/gtest.h>

#include "core/thread_budget.h"
#include "expect_error.h"

namespace xpuruntime {
namespace {

TEST(HostTest, KeepsTheFirstFailureOfACall) {
  const xpurt_host& host = *host_table();
  xpurt_error error;
  EXPECT_EQ(host.fail(&error, XPURT_UNAVAILABLE, 3, XPURT_RETRYABLE, 5, 4, "first"),
            XPURT_UNAVAILABLE);
  EXPECT_EQ(host.fail(&error, XPURT_ENGINE, 0, 0, 0, 0, "second"), XPURT_ENGINE);
  EXPECT_EQ(error.code, XPURT_UNAVAILABLE);
  EXPECT_EQ(error.text, "first");
  EXPECT_ERROR(throw_failure(error, XPURT_ENGINE, "here"), UnavailableError, "first (here)");
}

TEST(HostTest, AFailureIsNeverOk) {
  const xpurt_host& host = *host_table();
  xpurt_error error;
  EXPECT_EQ(host.fail(&error, XPURT_OK, 0, 0, 0, 0, "strange"), XPURT_INTERNAL);
  EXPECT_ERROR(throw_failure(error, XPURT_OK, "here"), InternalError, "strange (here)");
  EXPECT_EQ(host.fail(nullptr, XPURT_ENGINE, 0, 0, 0, 0, nullptr), XPURT_ENGINE);
}

TEST(HostTest, AFailureWithoutWordsSaysSo) {
  xpurt_error error;
  host_table()->fail(&error, XPURT_ENGINE, 0, 0, 0, 0, nullptr);
  EXPECT_ERROR(throw_failure(error, XPURT_ENGINE, "here"), EngineError,
               "the engine gave no reason (here)");
  EXPECT_ERROR(throw_failure(xpurt_error(), XPURT_UNAVAILABLE, "here"), UnavailableError,
               "the engine gave no reason (here)");
}

TEST(HostTest, ClearingForgetsAll) {
  xpurt_error error;
  host_table()->fail(&error, XPURT_ENGINE, 3, XPURT_MODEL_LOST, 5, 4, "first");
  error.clear();
  EXPECT_EQ(error.code, XPURT_OK);
  EXPECT_EQ(error.native_code, 0);
  EXPECT_EQ(error.flags, 0U);
  EXPECT_EQ(error.asked, 0U);
  EXPECT_EQ(error.available, 0U);
  EXPECT_EQ(error.text, "");
}

TEST(HostTest, TellsItsVersionAndTheBudget) {
  const xpurt_host& host = *host_table();
  EXPECT_EQ(host.struct_size, sizeof(xpurt_host));
  EXPECT_EQ(host.abi_major, XPURT_ABI_MAJOR);
  EXPECT_EQ(host.abi_minor, XPURT_ABI_MINOR);
  EXPECT_EQ(host.thread_budget(), thread_budget());
}

TEST(HostTest, TakesLogLinesWithoutWords) {
  host_table()->log(XPURT_LOG_DEBUG, nullptr, nullptr);
  host_table()->log(99, "some", "of no level");
}

}  // namespace
}  // namespace xpuruntime
