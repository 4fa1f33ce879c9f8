// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <gtest/gtest.h>

namespace xpuruntime::openvino {
namespace {

TEST(StatusTest, KeepsTheWordsAndNotThePlaces) {
  EXPECT_EQ(plain_words("Exception from src/inference/src/cpp/core.cpp:133:\n"
                        "Exception from src/inference/src/model_reader.cpp:158:\n"
                        "Unable to read the model.\n\n"),
            "Unable to read the model.");
  EXPECT_EQ(plain_words("Check 'a == b' failed at src/core/src/node.cpp:42:\n"
                        "While validating node 'Add':\nShapes differ\n"),
            "While validating node 'Add'; Shapes differ");
}

TEST(StatusTest, SaysTheConditionWhereThereIsNothingElse) {
  EXPECT_EQ(plain_words("Check 'a == b' failed at src/core/src/node.cpp:42\n"),
            "Check 'a == b' does not hold");
  EXPECT_EQ(plain_words("[CPU] node 'y' Check 'a == b' failed at src/core/a.hpp:54:\nToo small\n"),
            "[CPU] node 'y'; Too small");
  EXPECT_EQ(plain_words("\n"), "it gives no reason");
}

}  // namespace
}  // namespace xpuruntime::openvino
