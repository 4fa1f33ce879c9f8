// SPDX-License-Identifier: Apache-2.0
// Operators that an input tells where to read and write: nothing outside may be touched.
#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

NodeCase scatter(const char* op, const Value& indices, const Value& updates,
                 const std::string& reduction = "none") {
  return {
      op, {kTable, indices, updates}, [=](NodeBuilder n) { n.text("reduction", reduction); }, 18};
}

TEST(ReferenceIndexTest, GathersElements) {
  expect_ints(run({"GatherElements", {kTable, ints({1, 3}, {-1, 0, 1})}}), {1, 3}, {4, 2, 6});
  EXPECT_THAT(failure({"GatherElements", {kTable, ints({1, 1}, {2})}}),
              HasSubstr("index 2 is out"));
  EXPECT_THAT(failure({"GatherElements", {kTable, ints({1, 4}, {0, 0, 0, 0})}}),
              HasSubstr("too many"));
  EXPECT_THAT(failure({"GatherElements", {kTable, ints({1}, {0})}}), HasSubstr("another rank"));
  EXPECT_THAT(failure({"GatherElements", {kTable, floats({1, 1}, {0})}}), HasSubstr("integers"));
}

TEST(ReferenceIndexTest, ScattersElements) {
  const Value places = ints({1, 3}, {1, 0, 1});
  const Value updates = ints({1, 3}, {10, 20, 30});
  expect_ints(run(scatter("ScatterElements", places, updates)), {2, 3}, {1, 20, 3, 10, 5, 30});
  expect_ints(run(scatter("ScatterElements", places, updates, "add")), {2, 3},
              {1, 22, 3, 14, 5, 36});
  expect_ints(run(scatter("ScatterElements", places, updates, "min")), {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(failure(scatter("ScatterElements", places, ints({1}, {1}))), HasSubstr("shape"));
  EXPECT_THAT(failure(scatter("ScatterElements", places, floats({1, 3}, {1, 2, 3}))),
              HasSubstr("dtype"));
  EXPECT_THAT(failure(scatter("ScatterElements", places, updates, "xor")),
              HasSubstr("reduction 'xor' is unknown"));
}

TEST(ReferenceIndexTest, GathersAndScattersBlocks) {
  expect_ints(run({"GatherND", {kTable, ints({2, 1}, {1, -2})}}), {2, 3}, {4, 5, 6, 1, 2, 3});
  expect_ints(run({"GatherND",
                   {kTable, ints({2, 1}, {2, 0})},
                   [](NodeBuilder n) { n.integer("batch_dims", 1); }}),
              {2}, {3, 4});
  expect_ints(run(scatter("ScatterND", ints({1, 1}, {1}), ints({1, 3}, {7, 8, 9}))), {2, 3},
              {1, 2, 3, 7, 8, 9});
  for (const Value& indices : {ints({1, 3}, {0, 0, 0}), ints({4, 0}, {}), ints({}, {0}),
                               ints({1, 2}, {0, 3}), ints({1, 1}, {INT64_MIN})}) {
    EXPECT_NE(failure({"GatherND", {kTable, indices}}), "no failure");
  }
  EXPECT_THAT(failure({"GatherND",
                       {kTable, ints({1, 1}, {0})},
                       [](NodeBuilder n) { n.integer("batch_dims", -1); }}),
              HasSubstr("negative"));
  EXPECT_THAT(failure(scatter("ScatterND", ints({1, 1}, {1}), ints({2}, {7, 8}))),
              HasSubstr("the updates must be [1, 3]"));
}

TEST(ReferenceIndexTest, FindsTheBest) {
  const auto top = [](int64_t k, int64_t largest) {
    return run_all({"TopK",
                    {floats({4}, {2, NAN, 3, 2}), ints({1}, {k})},
                    [=](NodeBuilder n) { n.integer("largest", largest); },
                    17,
                    {DType::kFloat, DType::kInt64}});
  };
  expect_ints(top(4, 1)[1], {4}, {1, 2, 0, 3});
  expect_ints(top(2, 0)[1], {2}, {0, 3});
  expect_ints(top(0, 1)[1], {0}, {});
  EXPECT_THROW(top(5, 1), Failed);
  EXPECT_THROW(top(-1, 1), Failed);
}

TEST(ReferencePadTest, RepeatsWhatIsThere) {
  const auto pad = [](const std::string& mode, int64_t begin, int64_t end,
                      const Value& x = ints({3}, {1, 2, 3})) {
    return NodeCase{
        "Pad", {x, ints({2}, {begin, end})}, [=](NodeBuilder n) { n.text("mode", mode); }, 19};
  };
  expect_ints(run(pad("constant", 1, -1)), {3}, {0, 1, 2});
  expect_ints(run(pad("edge", 2, 1)), {6}, {1, 1, 1, 2, 3, 3});
  expect_ints(run(pad("reflect", 3, 1)), {7}, {2, 3, 2, 1, 2, 3, 2});
  expect_ints(run(pad("wrap", 1, 4)), {8}, {3, 1, 2, 3, 1, 2, 3, 1});
  expect_ints(run(pad("reflect", 2, 0, ints({1}, {7}))), {3}, {7, 7, 7});
  EXPECT_THAT(failure(pad("reflect", 1, 1, ints({0}, {}))), HasSubstr("nothing to repeat"));
  EXPECT_THAT(failure(pad("constant", -2, -2)), HasSubstr("negative dimension"));
  EXPECT_THAT(failure(pad("constant", INT64_MAX, 1)), HasSubstr("too large"));
  EXPECT_THAT(failure(pad("constant", INT64_MIN, 1)), HasSubstr("too large"));
  EXPECT_THAT(failure(pad("mirror", 1, 1)), HasSubstr("mode 'mirror' is unknown"));
  EXPECT_THAT(failure({"Pad", {kTable, ints({2}, {1, 1})}}), HasSubstr("two a dimension"));
  EXPECT_EQ(run({"Pad", {strings({1}, {"a"}), ints({2}, {1, 0})}}).strings,
            (std::vector<std::string>{"", "a"}));
}

TEST(ReferenceQuantizeTest, RoundsToEvenAndCuts) {
  const auto quantize = [](DType dtype, const std::vector<uint8_t>& zero) {
    return run(
        {"QuantizeLinear",
         {floats({4}, {2.5f, -1, 1000, -1000}), floats({}, {1}), make<uint8_t>(dtype, {}, zero)},
         {},
         21,
         {dtype}});
  };
  EXPECT_EQ(values_of<uint8_t>(quantize(DType::kUint8, {128})),
            (std::vector<uint8_t>{130, 127, 255, 0}));
  EXPECT_EQ(values_of<uint8_t>(quantize(DType::kInt4, {0})), (std::vector<uint8_t>{0xf2, 0x87}));
  const Value x = make<uint8_t>(DType::kUint8, {2, 2}, {1, 2, 3, 4});
  const auto dequantize = [&](const Value& scale, int64_t block) {
    return NodeCase{"DequantizeLinear",
                    {x, scale},
                    [=](NodeBuilder n) { n.integer("axis", 1).integer("block_size", block); },
                    21,
                    {DType::kFloat}};
  };
  expect_floats(run(dequantize(floats({2}, {1, 10}), 0)), {2, 2}, {1, 20, 3, 40});
  expect_floats(run(dequantize(floats({2, 1}, {1, 10}), 2)), {2, 2}, {1, 2, 30, 40});
  EXPECT_THAT(failure(dequantize(floats({3}, {1, 2, 3}), 0)), HasSubstr("the scales must be [2]"));
  EXPECT_THAT(failure(dequantize(floats({2, 1}, {1, 2}), -1)), HasSubstr("the scales must be"));
}

TEST(ReferenceLossTest, ChecksLabels) {
  const auto loss = [](int64_t label) {
    return NodeCase{"NegativeLogLikelihoodLoss", {floats({1, 2}, {-1, -3}), ints({1}, {label})}};
  };
  expect_floats(run(loss(1)), {}, {3});
  EXPECT_THAT(failure(loss(2)), HasSubstr("label 2 is no class"));
  EXPECT_THAT(failure(loss(-1)), HasSubstr("label -1 is no class"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
