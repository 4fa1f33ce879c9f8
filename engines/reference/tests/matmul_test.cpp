// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::HasSubstr;

TEST(ReferenceMatMulTest, MultipliesMatricesAndVectors) {
  const Value matrix = floats({2, 2}, {1, 2, 3, 4});
  const Value vector = floats({2}, {10, 100});
  expect_floats(run({"MatMul", {matrix, matrix}}), {2, 2}, {7, 10, 15, 22});
  expect_floats(run({"MatMul", {matrix, vector}}), {2}, {210, 430});
  expect_floats(run({"MatMul", {vector, matrix}}), {2}, {310, 420});
  expect_floats(run({"MatMul", {vector, vector}}), {}, {10100});
}

TEST(ReferenceMatMulTest, BroadcastsTheBatch) {
  expect_floats(run({"MatMul", {floats({2, 1, 1, 1}, {1, 2}), floats({3, 1, 1}, {1, 10, 100})}}),
                {2, 3, 1, 1}, {1, 10, 100, 2, 20, 200});
}

TEST(ReferenceMatMulTest, KeepsDimensionsOfZero) {
  expect_floats(run({"MatMul", {floats({2, 0}, {}), floats({0, 2}, {})}}), {2, 2}, {0, 0, 0, 0});
  expect_floats(run({"MatMul", {floats({0, 2}, {}), floats({2, 3}, std::vector<float>(6))}}),
                {0, 3}, {});
}

TEST(ReferenceMatMulTest, AddsUpInDouble) {
  expect_floats(run({"MatMul", {floats({3}, {1e8f, 1, -1e8f}), floats({3}, {1, 1, 1})}}), {}, {1});
}

TEST(ReferenceMatMulTest, SaysWhatDoesNotFit) {
  EXPECT_THAT(failure({"MatMul", {floats({1, 2}, {1, 2}), floats({1, 2}, {1, 2})}}),
              HasSubstr("inner dimensions differ (inputs: float32 [1, 2], float32 [1, 2])"));
  EXPECT_THAT(failure({"MatMul", {floats({}, {1}), floats({1}, {1})}}), HasSubstr("scalar"));
}

TEST(ReferenceGemmTest, TransposesScalesAndAdds) {
  expect_floats(
      run({"Gemm",
           {floats({2, 1}, {1, 2}), floats({3, 2}, {1, 2, 3, 4, 5, 6}), floats({3}, {1, 2, 3})},
           [](NodeBuilder n) {
             n.integer("transA", 1).integer("transB", 1).number("alpha", 2).number("beta", 10);
           }}),
      {1, 3}, {20, 42, 64});
  expect_floats(run({"Gemm", {floats({1, 1}, {2}), floats({1, 1}, {3})}}), {1, 1}, {6});
  EXPECT_THAT(failure({"Gemm", {floats({1, 1}, {2}), floats({1, 1}, {3}), floats({2}, {1, 2})}}),
              HasSubstr("c does not broadcast to [1, 1]"));
}

TEST(ReferenceNormalizeTest, NormalizesChannels) {
  expect_floats(run({"BatchNormalization",
                     {floats({1, 2, 1}, {3, 5}), floats({2}, {1, 2}), floats({2}, {0, 1}),
                      floats({2}, {1, 1}), floats({2}, {4, 16})},
                     [](NodeBuilder n) { n.number("epsilon", 0); }}),
                {1, 2, 1}, {1, 3});
}

TEST(ReferenceNormalizeTest, SoftmaxIsOverOneAxisFromOpset13AndOverTheRestBefore) {
  const Value x = floats({1, 2, 2}, {0, 0, 0, 0});
  const std::vector<int64_t> shape{1, 2, 2};
  expect_floats(run({"Softmax", {x}, {}, 13}), shape, {0.5f, 0.5f, 0.5f, 0.5f});
  expect_floats(run({"Softmax", {x}, {}, 12}), shape, {0.25f, 0.25f, 0.25f, 0.25f});
  expect_floats(run({"Softmax", {floats({2}, {1000, 1000})}}), {2}, {0.5f, 0.5f});
}

NodeCase einsum(const std::string& equation, std::vector<Value> inputs) {
  return {"Einsum", std::move(inputs), [=](NodeBuilder n) { n.text("equation", equation); }};
}

TEST(ReferenceEinsumTest, SumsProducts) {
  const Value a = floats({2, 2}, {1, 2, 3, 4});
  expect_floats(run(einsum("ij, jk -> ik", {a, a})), {2, 2}, {7, 10, 15, 22});
  expect_floats(run(einsum("ij,jk", {a, a})), {2, 2}, {7, 10, 15, 22});
  expect_floats(run(einsum("ii->i", {a})), {2}, {1, 4});
  expect_floats(run(einsum("ii", {a})), {}, {5});
  expect_floats(run(einsum("...j->...", {a})), {2}, {3, 7});
  expect_floats(run(einsum("ij,j->ji", {a, floats({1}, {10})})), {2, 2}, {10, 30, 20, 40});
}

TEST(ReferenceEinsumTest, RefusesEquationsThatDoNotFit) {
  const Value a = floats({2, 2}, {1, 2, 3, 4});
  for (const char* equation : {"", "i", "ijk", "ij,jk", "ij->ii", "ij->k", "i.j", "....", "..",
                               "i1", "ijk...", "ij->..", "->", ",", "ij->ij->"}) {
    const std::string text = failure(einsum(equation, {a}));
    EXPECT_EQ(text.rfind("node 'tested' (Einsum): ", 0), 0u) << equation << ": " << text;
  }
  EXPECT_THAT(failure(einsum("ij,ij", {a, floats({3, 2}, std::vector<float>(6))})),
              ::testing::HasSubstr("dimensions of one letter differ"));
}

}  // namespace
}  // namespace xpuruntime::reference::testing
