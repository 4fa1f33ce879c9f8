// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/named_tensors.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;

Tensor number(float value) { return Tensor::from({value}, {1}); }

TEST(NamedTensorsTest, KeepsTheOrderItWasGiven) {
  const NamedTensors tensors{{"b", number(1)}, {"a", number(2)}, {"c", number(3)}};
  std::string order;
  float expected = 1;
  for (auto [name, tensor] : tensors) {
    order += name;
    EXPECT_EQ(tensor.values<float>()[0], expected++);
  }
  EXPECT_EQ(order, "bac");
  EXPECT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors.name(1), "a");
}

TEST(NamedTensorsTest, IsMadeFromAMap) {
  const std::map<std::string, Tensor> map{{"b", number(1)}, {"a", number(2)}};
  const NamedTensors tensors = map;
  EXPECT_EQ(tensors.name(0), "a");
  EXPECT_EQ(tensors.at("b").values<float>()[0], 1);
}

TEST(NamedTensorsTest, FindsByName) {
  const NamedTensors tensors{{"left", number(1)}, {"right", number(2)}};
  EXPECT_EQ(tensors.at("right").values<float>()[0], 2);
  EXPECT_TRUE(tensors.contains("left"));
  EXPECT_EQ(tensors.find("middle"), nullptr);
  EXPECT_ERROR(tensors.at("rigth"), InvalidArgumentError,
               "there is no tensor 'rigth'; there is: left, right; did you mean 'right'?");
}

TEST(NamedTensorsTest, IsEmptyAtFirst) {
  const NamedTensors none;
  EXPECT_TRUE(none.empty());
  EXPECT_TRUE(none.begin() == none.end());
  EXPECT_ERROR(none.at("x"), InvalidArgumentError, "there is no tensor 'x'; there is: none");
}

TEST(NamedTensorsTest, RefusesANameTwice) {
  EXPECT_ERROR((NamedTensors{{"x", number(1)}, {"x", number(2)}}), InvalidArgumentError,
               "the name 'x' is given twice");
}

TEST(NamedTensorsTest, RefusesAnotherNumberOfNames) {
  const auto names = std::make_shared<std::vector<std::string>>(1, "x");
  EXPECT_ERROR(NamedTensors(names, {number(1), number(2)}), InvalidArgumentError,
               HasSubstr("1 names for 2 tensors"));
  EXPECT_ERROR(NamedTensors(nullptr, {number(1)}), InvalidArgumentError,
               HasSubstr("0 names for 1 tensors"));
}

TEST(NamedTensorsTest, SetsWithoutTouchingWhatSharesItsNames) {
  const NamedTensors first{{"x", number(1)}};
  NamedTensors second(first.names(), {number(2)});
  second.set("y", number(3));
  second.set("x", number(4));
  EXPECT_EQ(first.size(), 1U);
  EXPECT_EQ(first.names()->size(), 1U);
  EXPECT_EQ(first.at("x").values<float>()[0], 1);
  EXPECT_EQ(second.at("x").values<float>()[0], 4);
  EXPECT_EQ(second.at("y").values<float>()[0], 3);
}

}  // namespace
}  // namespace xpuruntime
