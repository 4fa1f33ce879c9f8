// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "xpuruntime/error.h"

/// Expects `statement` to throw just `error`, with a message that all of the matchers match.
#define EXPECT_ERROR(statement, error, ...)                                 \
  try {                                                                     \
    statement;                                                              \
    ADD_FAILURE() << "expected " #error " from " #statement;                \
  } catch (const ::xpuruntime::XpuRuntimeError& caught) {                   \
    EXPECT_STREQ(caught.name(), #error);                                    \
    EXPECT_THAT(std::string(caught.what()), ::testing::AllOf(__VA_ARGS__)); \
  }                                                                         \
  static_assert(true)
