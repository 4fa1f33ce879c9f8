// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

/// Expects `statement` to throw `error` with all of these words in its message.
#define EXPECT_ERROR(statement, error, words)                             \
  try {                                                                   \
    statement;                                                            \
    ADD_FAILURE() << "expected " #error;                                  \
  } catch (const error& caught) {                                         \
    EXPECT_THAT(std::string(caught.what()), ::testing::HasSubstr(words)); \
  }                                                                       \
  static_assert(true)
