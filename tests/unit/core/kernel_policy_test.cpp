// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/kernel_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expect_error.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(KernelPolicyTest, KeepsWhatWasSetLast) {
  KernelPolicy policy;
  EXPECT_TRUE(policy.empty());
  EXPECT_EQ(policy.get("MatMul"), std::nullopt);
  policy.set("MatMul", "naive").set("Gemm", "naive").set("MatMul", "eigen");
  EXPECT_FALSE(policy.empty());
  EXPECT_EQ(policy.get("MatMul"), "eigen");
  EXPECT_EQ(policy.get("Gemm"), "naive");
  EXPECT_EQ(policy.get("Conv"), std::nullopt);
  EXPECT_EQ(policy, (KernelPolicy{{"Gemm", "naive"}, {"MatMul", "eigen"}}));
}

TEST(KernelPolicyTest, MergesWithTheOtherOnesChoicesFirst) {
  KernelPolicy policy{{"Conv", "a"}, {"MatMul", "b"}};
  policy.merge(KernelPolicy{{"Gemm", "c"}, {"MatMul", "d"}}).merge({});
  EXPECT_EQ(policy, (KernelPolicy{{"Conv", "a"}, {"Gemm", "c"}, {"MatMul", "d"}}));
  policy.merge(policy);
  EXPECT_EQ(policy.kernels().size(), 3U);
}

TEST(KernelPolicyTest, GoesThroughJsonUnchanged) {
  const KernelPolicy policy{{"MatMul", "eigen"}, {"a \"b\"", "c\n"}};
  EXPECT_EQ(policy.to_json(), R"({"MatMul":"eigen","a \"b\"":"c\n"})");
  EXPECT_EQ(KernelPolicy::from_json(policy.to_json()), policy);
  EXPECT_EQ(KernelPolicy().to_json(), "{}");
  EXPECT_THAT(KernelPolicy::from_json(" {} ").kernels(), IsEmpty());
}

TEST(KernelPolicyTest, RefusesEmptyNames) {
  EXPECT_ERROR(KernelPolicy().set("", "eigen"), InvalidArgumentError, HasSubstr("got '' and"));
  EXPECT_ERROR((KernelPolicy{{"MatMul", ""}}), InvalidArgumentError, HasSubstr("'MatMul' and ''"));
  EXPECT_ERROR(KernelPolicy::from_json(R"({"": "eigen"})"), InvalidArgumentError,
               HasSubstr("expected an operator and a kernel"));
}

TEST(KernelPolicyTest, RefusesWhatIsNoObjectOfNames) {
  for (const char* wrong : {"", "eigen", "[]", "\"MatMul\"", "null", "{\"MatMul\": }", "{}{}"}) {
    EXPECT_ERROR(KernelPolicy::from_json(wrong), InvalidArgumentError,
                 HasSubstr(std::string("{\"MatMul\": \"eigen\"}, got '") + wrong + "'"));
  }
  EXPECT_ERROR(KernelPolicy::from_json(R"({"MatMul": 3})"), InvalidArgumentError,
               HasSubstr("got 3 for operator 'MatMul'"));
  EXPECT_ERROR(KernelPolicy::from_json(R"({"MatMul": {"a": "b"}})"), InvalidArgumentError,
               HasSubstr("for operator 'MatMul'"));
  EXPECT_ERROR(KernelPolicy::from_json(R"({"MatMul": "a", "MatMul": "b"})"), InvalidArgumentError,
               HasSubstr("operator 'MatMul' twice"));
}

}  // namespace
}  // namespace xpuruntime
