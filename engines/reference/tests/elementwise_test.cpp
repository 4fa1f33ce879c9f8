// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

TEST(ReferenceElementwiseTest, ComputesFunctions) {
  const Value x = floats({3}, {-1, 0, 2});
  expect_floats(run({"Abs", {x}}), {3}, {1, 0, 2});
  expect_floats(run({"Neg", {x}}), {3}, {1, 0, -2});
  expect_floats(run({"Relu", {x}}), {3}, {0, 0, 2});
  expect_floats(run({"LeakyRelu", {x}}), {3}, {-0.01f, 0, 2});
  expect_floats(run({"Exp", {x}}), {3}, {std::exp(-1.0f), 1, std::exp(2.0f)});
  expect_floats(run({"Tanh", {x}}), {3}, {std::tanh(-1.0f), 0, std::tanh(2.0f)});
  expect_floats(run({"Sigmoid", {x}}), {3}, {0.26894142f, 0.5f, 0.88079708f});
}

TEST(ReferenceElementwiseTest, KeepsActivationsFinite) {
  const Value x = floats({2}, {-1000, 1000});
  expect_floats(run({"Softplus", {x}}), {2}, {0, 1000});
  expect_floats(run({"Mish", {x}, {}, 18}), {2}, {0, 1000});
  expect_floats(run({"Elu", {x}}), {2}, {-1, 1000});
  EXPECT_THAT(failure({"Gelu", {x}, [](NodeBuilder n) { n.text("approximate", "?"); }, 20}),
              HasSubstr("must be none or tanh"));
  EXPECT_THAT(failure({"IsNaN", {strings({1}, {"nan"})}, {}, 20, {DType::kBool}},
                      XPURT_UNSUPPORTED_OPERATION),
              HasSubstr("on string"));
}

TEST(ReferenceElementwiseTest, ComputesInEveryNumberType) {
  EXPECT_EQ(values_of<int8_t>(run({"Abs", {make<int8_t>(DType::kInt8, {2}, {-128, -3})}})),
            (std::vector<int8_t>{-128, 3}));
  EXPECT_EQ(
      values_of<uint16_t>(run({"Relu", {make<uint16_t>(DType::kFloat16, {2}, {0xbc00, 0x3c00})}})),
      (std::vector<uint16_t>{0, 0x3c00}));
  EXPECT_EQ(values_of<double>(run({"Sqrt", {make<double>(DType::kDouble, {1}, {2.0})}})),
            (std::vector<double>{std::sqrt(2.0)}));
}

TEST(ReferenceElementwiseTest, ClipsByAttributesBeforeOpset11) {
  expect_floats(run({"Clip",
                     {floats({3}, {-5, 0, 5})},
                     [](NodeBuilder n) { n.number("min", -1).number("max", 2); },
                     6}),
                {3}, {-1, 0, 2});
  expect_floats(
      run({"Clip", {floats({2}, {-5, 5})}, [](NodeBuilder n) { n.number("max", 2); }, 10}), {2},
      {-5, 2});
}

TEST(ReferenceElementwiseTest, ClipsByInputsFromOpset11On) {
  expect_floats(run({"Clip", {floats({3}, {-5, 0, 5}), floats({}, {-1}), floats({}, {2})}, {}, 11}),
                {3}, {-1, 0, 2});
  expect_floats(run({"Clip", {floats({2}, {-5, 5}), nothing(), floats({}, {2})}}), {2}, {-5, 2});
  expect_floats(run({"Clip", {floats({2}, {-5, 5}), floats({}, {3}), floats({}, {2})}}), {2},
                {2, 2});
  EXPECT_THAT(failure({"Clip", {floats({1}, {1}), floats({2}, {1, 2})}}), HasSubstr("min must be"));
}

TEST(ReferenceBroadcastTest, StretchesBothSides) {
  expect_floats(run({"Add", {floats({2, 1}, {1, 2}), floats({3}, {10, 20, 30})}}), {2, 3},
                {11, 21, 31, 12, 22, 32});
  expect_floats(run({"Mul", {floats({2}, {1, 2}), floats({}, {3})}}), {2}, {3, 6});
  expect_floats(run({"Sub", {floats({0, 3}, {}), floats({1, 3}, {1, 2, 3})}}), {0, 3}, {});
  EXPECT_THAT(failure({"Add", {floats({2}, {1, 2}), floats({3}, {1, 2, 3})}}),
              HasSubstr("do not broadcast to one (inputs: float32 [2], float32 [3])"));
  EXPECT_THAT(failure({"Add", {floats({1}, {1}), ints({1}, {1})}}), HasSubstr("dtypes differ"));
}

TEST(ReferenceBroadcastTest, BeginsAtAnAxisBeforeOpset7) {
  const Value table = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto add = [&](int64_t opset) {
    return NodeCase{"Add",
                    {table, floats({2}, {10, 20})},
                    [](NodeBuilder n) { n.integer("broadcast", 1).integer("axis", 0); },
                    opset};
  };
  expect_floats(run(add(6)), {2, 3}, {11, 12, 13, 24, 25, 26});
  EXPECT_THAT(failure(add(7)), HasSubstr("do not broadcast to one"));
  expect_floats(run({"PRelu", {floats({1, 2, 2}, {-1, 1, -1, -2}), floats({2}, {2, 3})}, {}, 6}),
                {1, 2, 2}, {-2, 1, -3, -6});
  EXPECT_THAT(
      failure(
          {"Add", {table, floats({2}, {1, 2})}, [](NodeBuilder n) { n.integer("axis", 5); }, 6}),
      HasSubstr("axis 5 is not one of 2"));
}

TEST(ReferenceBroadcastTest, TakesRemainders) {
  const Value a = ints({4}, {7, -7, 7, -7});
  const Value b = ints({4}, {3, 3, -3, -3});
  expect_ints(run({"Mod", {a, b}}), {4}, {1, 2, -2, -1});
  expect_ints(run({"Mod", {a, b}, [](NodeBuilder n) { n.integer("fmod", 1); }}), {4},
              {1, -1, 1, -1});
  expect_ints(run({"Mod", {ints({1}, {INT64_MIN}), ints({1}, {-1})}}), {1}, {0});
  EXPECT_THAT(failure({"Mod", {ints({1}, {1}), ints({1}, {0})}}), HasSubstr("by zero"));
}

TEST(ReferenceBroadcastTest, ShiftsBits) {
  const auto shift = [](const char* direction, const std::vector<int64_t>& by) {
    return run({"BitShift",
                {ints({3}, {-8, 8, 1}), ints({3}, by)},
                [=](NodeBuilder n) { n.text("direction", direction); },
                28});
  };
  expect_ints(shift("RIGHT", {1, 1, 64}), {3}, {-4, 4, 0});
  expect_ints(shift("RIGHT", {-1, -1, 0}), {3}, {-1, 0, 1});
  expect_ints(shift("LEFT", {1, 64, 63}), {3}, {-16, 0, INT64_MIN});
  EXPECT_THAT(failure({"BitShift", {ints({1}, {1}), ints({1}, {1})}}), HasSubstr("'direction'"));
}

TEST(ReferenceBroadcastTest, DividesIntegersTowardZeroAndNeverByZero) {
  expect_ints(run({"Div", {ints({3}, {7, -7, INT64_MIN}), ints({3}, {2, 2, -1})}}), {3},
              {3, -3, INT64_MIN});
  EXPECT_THAT(failure({"Div", {ints({1}, {1}), ints({1}, {0})}}),
              HasSubstr("division of an integer by zero"));
  expect_floats(run({"Div", {floats({1}, {1}), floats({1}, {2})}}), {1}, {0.5f});
}

TEST(ReferenceBroadcastTest, LetsIntegersWrapAround) {
  expect_ints(run({"Add", {ints({1}, {INT64_MAX}), ints({1}, {1})}}), {1}, {INT64_MIN});
  EXPECT_EQ(
      values_of<int8_t>(run(
          {"Mul", {make<int8_t>(DType::kInt8, {1}, {100}), make<int8_t>(DType::kInt8, {1}, {3})}})),
      (std::vector<int8_t>{44}));
}

TEST(ReferenceBroadcastTest, RaisesToPowersOfAnotherType) {
  expect_floats(run({"Pow", {floats({2}, {2, 3}), ints({}, {2})}}), {2}, {4, 9});
  expect_ints(run({"Pow", {ints({4}, {2, -1, 3, 0}), ints({4}, {62, -3, -1, 0})}}), {4},
              {int64_t{1} << 62, -1, 0, 1});
  expect_ints(run({"Pow", {ints({1}, {4}), floats({1}, {0.5f})}}), {1}, {2});
}

TEST(ReferenceBroadcastTest, FoldsAnyNumberOfInputsAndKeepsNaN) {
  expect_floats(run({"Max", {floats({2}, {1, 5}), floats({}, {3}), floats({2, 1}, {0, 4})}}),
                {2, 2}, {3, 5, 4, 5});
  const auto least = values_of<float>(run({"Min", {floats({2}, {NAN, 1}), floats({2}, {0, NAN})}}));
  EXPECT_TRUE(std::isnan(least[0]) && std::isnan(least[1]));
}

TEST(ReferenceCompareTest, MakesBools) {
  const auto compare = [](const char* op) {
    return values_of<uint8_t>(
        run({op, {floats({3}, {1, 2, 3}), floats({}, {2})}, {}, 17, {DType::kBool}}));
  };
  EXPECT_EQ(compare("Less"), (std::vector<uint8_t>{1, 0, 0}));
  EXPECT_EQ(compare("LessOrEqual"), (std::vector<uint8_t>{1, 1, 0}));
  EXPECT_EQ(compare("Equal"), (std::vector<uint8_t>{0, 1, 0}));
  EXPECT_EQ(compare("Greater"), (std::vector<uint8_t>{0, 0, 1}));
}

TEST(ReferenceCompareTest, ChoosesByACondition) {
  expect_ints(run({"Where",
                   {bools({2, 1}, {1, 0}), ints({2}, {1, 2}), ints({}, {9})},
                   {},
                   17,
                   {DType::kInt64}}),
              {2, 2}, {1, 2, 9, 9});
  EXPECT_THAT(failure({"Where", {ints({1}, {1}), ints({1}, {1}), ints({1}, {1})}}),
              HasSubstr("condition must be bool"));
}

TEST(ReferenceCompareTest, FindsWhatIsNotZero) {
  const auto find = [](Value x) { return run({"NonZero", {x}, {}, 17, {DType::kInt64}}); };
  expect_ints(find(floats({2, 2}, {1, 0, 0, -2})), {2, 2}, {0, 1, 0, 1});
  expect_ints(find(bools({3}, {0, 0, 0})), {1, 0}, {});
  expect_ints(find(floats({0, 2}, {})), {2, 0}, {});
  expect_ints(find(floats({}, {5})), {0, 1}, {});
}

}  // namespace
}  // namespace xpuruntime::reference::testing
