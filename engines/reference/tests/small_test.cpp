// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "node_case.h"
#include "onnx/small_types.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr DType kSmallFloats[] = {
    DType::kFloat8e4m3fn, DType::kFloat8e4m3fnuz, DType::kFloat8e5m2, DType::kFloat8e5m2fnuz,
    DType::kFloat8e8m0,   DType::kFloat6e2m3,     DType::kFloat6e3m2, DType::kFloat4e2m1};

double rounded(DType dtype, double value, const onnx::Rounding& rounding = {}) {
  return small_to_double(dtype, double_to_small(dtype, value, rounding));
}

TEST(ReferenceSmallTest, EverySmallFloatSurvivesTheWayThroughDouble) {
  for (const DType dtype : kSmallFloats) {
    for (unsigned bits = 0; bits < (1u << onnx::bit_width(dtype)); ++bits) {
      const auto element = static_cast<uint8_t>(bits);
      const double value = small_to_double(dtype, element);
      if (!std::isnan(value)) {
        ASSERT_EQ(double_to_small(dtype, value, {.saturate = false}), element)
            << onnx::dtype_name(dtype) << " " << value;
      }
    }
  }
}

TEST(ReferenceSmallTest, KnowsTheGreatestAndTheLeast) {
  const auto limits = [](DType dtype) {
    return std::pair(rounded(dtype, 1e300), small_to_double(dtype, 1));
  };
  EXPECT_EQ(limits(DType::kFloat8e4m3fn), std::pair(448.0, 0x1p-9));
  EXPECT_EQ(limits(DType::kFloat8e4m3fnuz), std::pair(240.0, 0x1p-10));
  EXPECT_EQ(limits(DType::kFloat8e5m2), std::pair(57344.0, 0x1p-16));
  EXPECT_EQ(limits(DType::kFloat8e5m2fnuz), std::pair(57344.0, 0x1p-17));
  EXPECT_EQ(limits(DType::kFloat8e8m0), std::pair(0x1p127, 0x1p-126));
  EXPECT_EQ(limits(DType::kFloat6e2m3), std::pair(7.5, 0.125));
  EXPECT_EQ(limits(DType::kFloat6e3m2), std::pair(28.0, 0.0625));
  EXPECT_EQ(limits(DType::kFloat4e2m1), std::pair(6.0, 0.5));
}

TEST(ReferenceSmallTest, RoundsToNearestEven) {
  EXPECT_EQ(rounded(DType::kFloat8e4m3fn, 464), 448);  // halfway to what would be NaN
  EXPECT_TRUE(std::isnan(rounded(DType::kFloat8e4m3fn, 464.1, {.saturate = false})));
  EXPECT_EQ(rounded(DType::kFloat8e4m3fn, 1.0625), 1);
  EXPECT_EQ(rounded(DType::kFloat8e4m3fn, 1.1875), 1.25);
  EXPECT_EQ(rounded(DType::kFloat8e4m3fn, 1.99), 2);  // carries into the exponent
  EXPECT_EQ(rounded(DType::kFloat8e4m3fn, 0x1p-10), 0);
  EXPECT_EQ(rounded(DType::kFloat4e2m1, 2.5), 2);
  EXPECT_EQ(rounded(DType::kFloat4e2m1, -5), -4);
}

TEST(ReferenceSmallTest, SaturatesOrNot) {
  const onnx::Rounding open{.saturate = false};
  EXPECT_EQ(rounded(DType::kFloat8e5m2, INFINITY), 57344);
  EXPECT_EQ(rounded(DType::kFloat8e5m2, -INFINITY, open), -INFINITY);
  EXPECT_TRUE(std::isnan(rounded(DType::kFloat8e5m2fnuz, INFINITY, open)));
  EXPECT_TRUE(std::isnan(rounded(DType::kFloat8e4m3fnuz, NAN)));
  EXPECT_EQ(double_to_small(DType::kFloat8e4m3fnuz, -0.0, {}), 0);  // it has no -0
  EXPECT_EQ(double_to_small(DType::kFloat8e4m3fn, -0.0, {}), 0x80);
  EXPECT_EQ(rounded(DType::kFloat4e2m1, 100, open), 6);  // it has nothing else
}

TEST(ReferenceSmallTest, RoundsPowersOfTwoAsAsked) {
  const auto power = [](double value, const char* mode, bool saturate = true) {
    return rounded(DType::kFloat8e8m0, value, {saturate, mode});
  };
  EXPECT_THAT(
      (std::array{power(5, "up"), power(5, "down"), power(5, "nearest"), power(6, "nearest")}),
      ElementsAre(8, 4, 4, 8));
  EXPECT_EQ(power(0, "up"), 0x1p-127);
  EXPECT_EQ(power(INFINITY, "up"), 0x1p127);
  EXPECT_EQ(power(0x1.8p127, "up"), 0x1p127);
  EXPECT_TRUE(std::isnan(power(0, "nearest", false)));
  EXPECT_TRUE(std::isnan(power(0x1.8p127, "nearest", false)));
  EXPECT_TRUE(std::isnan(power(NAN, "down")));
}

TEST(ReferenceSmallTest, PacksAndUnpacksEveryWidth) {
  for (const DType dtype : {DType::kUint2, DType::kInt4, DType::kFloat6e2m3, DType::kFloat4e2m1}) {
    std::vector<uint8_t> elements;
    for (unsigned i = 0; i < 37; ++i) {
      elements.push_back(static_cast<uint8_t>((i * 7) & ((1u << onnx::bit_width(dtype)) - 1u)));
    }
    std::vector<uint8_t> packed(onnx::byte_count(dtype, elements.size()).value());
    std::vector<uint8_t> again(elements.size());
    pack(dtype, elements, packed.data());
    unpack(dtype, packed.data(), again);
    EXPECT_EQ(again, elements) << onnx::dtype_name(dtype);
  }
}

NodeCase cast(const Value& x, DType to) {
  return {
      "Cast", {x}, [to](NodeBuilder n) { n.integer("to", static_cast<int64_t>(to)); }, 25, {to}};
}

TEST(ReferenceSmallTest, CastsPackedIntegersAndDropsHigherBits) {
  const Value int4 = make<uint8_t>(DType::kInt4, {3}, {0x8f, 0x07});  // -1, -8, 7
  expect_ints(run(cast(int4, DType::kInt64)), {3}, {-1, -8, 7});
  expect_ints(run(cast(run(cast(ints({3}, {17, -9, INT64_MIN}), DType::kInt4)), DType::kInt64)),
              {3}, {1, 7, 0});
  expect_ints(run(cast(run(cast(int4, DType::kUint2)), DType::kInt64)), {3}, {3, 0, 3});
}

TEST(ReferenceSmallTest, MovesPackedElements) {
  const Value x = make<uint8_t>(DType::kUint4, {2, 3}, {0x21, 0x43, 0x65});
  EXPECT_THAT(values_of<uint8_t>(run({"Transpose", {x}, {}, 21})), ElementsAre(0x41, 0x52, 0x63));
  const Value odd = make<uint8_t>(DType::kUint4, {3}, {0x21, 0xf3});  // what pads is not an element
  EXPECT_THAT(values_of<uint8_t>(
                  run({"Concat", {odd, odd}, [](NodeBuilder n) { n.integer("axis", 0); }, 13})),
              ElementsAre(0x21, 0x13, 0x32));
}

TEST(ReferenceSmallTest, ReadsPackedWeightsAndConstants) {
  ModelBuilder model(21);
  model.weight("w", make<uint8_t>(DType::kInt4, {3}, {0x8f, 0x07})).output("w", DType::kInt4);
  model.output("c", DType::kInt4);
  model.node("Constant", {}, {"c"}).tensor("value", make<uint8_t>(DType::kInt4, {1}, {0x05}));
  const auto outputs = Session(model.bytes()).run({});
  EXPECT_THAT(values_of<uint8_t>(outputs[0]), ElementsAre(0x8f, 0x07));
  EXPECT_THAT(values_of<uint8_t>(outputs[1]), ElementsAre(0x05));
}

TEST(ReferenceSmallTest, RefusesUnknownRoundModes) {
  EXPECT_THAT(failure({"Cast",
                       {floats({1}, {1})},
                       [](NodeBuilder n) { n.integer("to", 24).text("round_mode", "sideways"); },
                       24}),
              HasSubstr("round_mode 'sideways' is unknown"));
  EXPECT_THAT(failure({"Add",
                       {make<uint8_t>(DType::kFloat8e5m2, {1}, {1}),
                        make<uint8_t>(DType::kFloat8e5m2, {1}, {1})}},
                      XPURT_UNSUPPORTED_OPERATION),
              HasSubstr("on float8e5m2"));
}

const Value kWords = strings({2, 2}, {"a", "", "long enough to be on the heap", "\xc3\xa9"});

TEST(ReferenceStringTest, MovesAndComparesStrings) {
  EXPECT_EQ(run({"Transpose", {kWords}}).strings,
            (std::vector<std::string>{"a", "long enough to be on the heap", "", "\xc3\xa9"}));
  EXPECT_EQ(run({"Identity", {kWords}}).strings, kWords.strings);
  EXPECT_EQ(run({"Identity", {strings({0}, {})}}).strings, std::vector<std::string>{});
  EXPECT_THAT(
      values_of<uint8_t>(run({"Equal", {kWords, strings({2}, {"a", ""})}, {}, 19, {DType::kBool}})),
      ElementsAre(1, 1, 0, 0));
}

TEST(ReferenceStringTest, ReadsWeightsAndConstants) {
  ModelBuilder model(19);
  model.weight("w", kWords).output("w", DType::kString).output("c", DType::kString);
  model.node("Constant", {}, {"c"}).text("value_string", "word");
  const auto outputs = Session(model.bytes()).run({});
  EXPECT_EQ(outputs[0].strings, kWords.strings);
  EXPECT_EQ(outputs[1].strings, std::vector<std::string>{"word"});
}

TEST(ReferenceStringTest, CastsNumbersFromAndToText) {
  const Value text = strings({6}, {"3.14", "1e-5", "+INF", "-inf", "NaN", "1E8"});
  const auto numbers = values_of<float>(run(cast(text, DType::kFloat)));
  EXPECT_THAT(std::vector(numbers.begin(), numbers.begin() + 4),
              ElementsAre(3.14f, 1e-5f, INFINITY, -INFINITY));
  EXPECT_TRUE(std::isnan(numbers[4]));
  expect_ints(run(cast(strings({2}, {"9007199254740993", "100.5"}), DType::kInt64)), {2},
              {9007199254740993, 100});
  EXPECT_THAT(run(cast(floats({5}, {0.1f, -2, 1e20f, NAN, -INFINITY}), DType::kString)).strings,
              ElementsAre("0.1", "-2", "100000002004087734272", "NaN", "-INF"));
  EXPECT_THAT(failure(cast(strings({1}, {"Hello World!"}), DType::kFloat)),
              HasSubstr("'Hello World!' is not a number"));
  EXPECT_THAT(failure(cast(strings({1}, {""}), DType::kInt32)), HasSubstr("'' is not a number"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
