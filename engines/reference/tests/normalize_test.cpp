// SPDX-License-Identifier: Apache-2.0
#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

const Value kRows = floats({2, 2}, {1, 3, 2, 2});

TEST(ReferenceNormalizeTest, NormalizesEachLine) {
  const auto outputs = run_all({"LayerNormalization",
                                {kRows, floats({2}, {1, 2})},
                                [](NodeBuilder n) { n.number("epsilon", 0.25f); },
                                17,
                                {DType::kFloat, DType::kFloat, DType::kFloat}});
  expect_floats(outputs[0], {2, 2}, {-0.8944272f, 1.7888544f, 0, 0});
  expect_floats(outputs[1], {2, 1}, {2, 2});
  expect_floats(outputs[2], {2, 1}, {0.8944272f, 2});
  EXPECT_THAT(failure({"LayerNormalization", {kRows, floats({3}, {1, 1, 1})}}),
              HasSubstr("must broadcast"));
  EXPECT_THAT(failure({"LayerNormalization",
                       {kRows, floats({2}, {1, 1})},
                       [](NodeBuilder n) { n.integer("stash_type", 7); }}),
              HasSubstr("'stash_type' must be a float"));
  EXPECT_THAT(failure({"RMSNormalization", {ints({2}, {1, 1}), ints({2}, {1, 1})}, {}, 23},
                      XPURT_UNSUPPORTED_OPERATION),
              HasSubstr("on int64"));
}

TEST(ReferenceNormalizeTest, NormalizesGroupsOfChannels) {
  const auto group = [](int64_t groups, const Value& scale) {
    return NodeCase{
        "GroupNormalization",
        {kRows, scale, scale},
        [=](NodeBuilder n) { n.integer("num_groups", groups).number("epsilon", 0.25f); },
        21};
  };
  expect_floats(run(group(1, floats({2}, {1, 1}))), {2, 2}, {0.1055728f, 1.8944272f, 1, 1});
  for (const int64_t groups : {0, -1, 3}) {
    EXPECT_THAT(failure(group(groups, floats({2}, {1, 1}))), HasSubstr("channels do not match"));
  }
  EXPECT_THAT(failure(group(2, floats({3}, {1, 1, 1}))), HasSubstr("must be [2]"));
}

TEST(ReferenceNormalizeTest, MakesProbabilitiesAndTheirLogarithms) {
  const Value x = floats({2}, {1000, 1000});
  expect_floats(run({"Softmax", {x}}), {2}, {0.5f, 0.5f});
  expect_floats(run({"LogSoftmax", {x}}), {2}, {-0.6931472f, -0.6931472f});
  expect_floats(run({"Hardmax", {x}}), {2}, {1, 0});
}

TEST(ReferenceNormalizeTest, DropsNothingAndSaysSo) {
  const auto outputs = run_all({"Dropout", {kRows}, {}, 13, {DType::kFloat, DType::kBool}});
  expect_floats(outputs[0], {2, 2}, {1, 3, 2, 2});
  EXPECT_EQ(values_of<uint8_t>(outputs[1]), (std::vector<uint8_t>{1, 1, 1, 1}));
  const auto train = [](float ratio) {
    return NodeCase{"Dropout", {kRows, floats({}, {ratio}), bools({}, {1})}};
  };
  expect_floats(run(train(0)), {2, 2}, {1, 3, 2, 2});
  EXPECT_THAT(failure(train(0.5f), XPURT_UNSUPPORTED_OPERATION), HasSubstr("for inference"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
