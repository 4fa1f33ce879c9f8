// SPDX-License-Identifier: Apache-2.0
// The kernels of one operator compute the same.
#include "kernel_choice.h"

#include <random>

#include "node_case.h"

namespace xpuruntime::reference::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Pair;

Value random_floats(const std::vector<int64_t>& shape, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(onnx::element_count(shape).value());
  for (float& value : values) value = uniform(random);
  return floats(shape, values);
}

/// The node run by its kernel of that name.
Value run_by(const std::string& kernel, NodeCase node) {
  node.options = {{"kernel_policy", "{\"" + node.op_type + "\": \"" + kernel + "\"}"}};
  return run(node);
}

/// Both sum in double, so that a float32 differs by its last rounding at most.
void expect_the_same(const NodeCase& node) {
  const Value naive = run_by("naive", node);
  const Value eigen = run_by("eigen", node);
  EXPECT_EQ(naive.shape, eigen.shape);
  const auto expected = values_of<float>(naive);
  const auto got = values_of<float>(eigen);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], std::abs(expected[i]) * 1.2e-7f) << "element " << i;
  }
}

TEST(ReferenceKernelChoiceTest, MatMulComputesTheSame) {
  using Shapes = std::pair<std::vector<int64_t>, std::vector<int64_t>>;
  for (const auto& [a, b] :
       {Shapes{{37, 41}, {41, 19}}, Shapes{{2, 3, 5, 7}, {7, 4}}, Shapes{{3, 1, 5, 7}, {2, 7, 4}},
        Shapes{{7}, {7}}, Shapes{{7}, {7, 2}}, Shapes{{2, 5, 7}, {7}}, Shapes{{0, 3}, {3, 2}}}) {
    expect_the_same({"MatMul", {random_floats(a, 1), random_floats(b, 2)}});
  }
  // No products to sum: zeros.
  expect_the_same({"MatMul", {floats({2, 0}, {}), floats({0, 3}, {})}});
}

TEST(ReferenceKernelChoiceTest, GemmComputesTheSame) {
  for (const bool a_transposed : {false, true}) {
    for (const bool b_transposed : {false, true}) {
      const auto transposed = [](bool yes, int64_t rows, int64_t columns) {
        return yes ? std::vector{columns, rows} : std::vector{rows, columns};
      };
      expect_the_same(
          {"Gemm",
           {random_floats(transposed(a_transposed, 11, 23), 1),
            random_floats(transposed(b_transposed, 23, 13), 2), random_floats({11, 1}, 3)},
           [&](NodeBuilder node) {
             node.integer("transA", int64_t{a_transposed});
             node.integer("transB", int64_t{b_transposed});
             node.number("alpha", 0.5f);
             node.number("beta", -2.0f);
           }});
    }
  }
}

TEST(ReferenceKernelChoiceTest, ConvComputesTheSame) {
  const auto strided = [](NodeBuilder node) {
    node.integers("strides", {2, 1});
    node.integers("dilations", {1, 2});
    node.integers("pads", {1, 2, 0, 3});
  };
  expect_the_same(
      {"Conv", {random_floats({2, 6, 9, 8}, 1), random_floats({4, 6, 3, 2}, 2)}, strided});
  expect_the_same(
      {"Conv",
       {random_floats({2, 6, 9, 8}, 1), random_floats({4, 3, 3, 2}, 2), random_floats({4}, 3)},
       [&](NodeBuilder node) {
         strided(node);
         node.integer("group", int64_t{2});
       }});
  // One dimension, three, and more places than are done at once.
  expect_the_same({"Conv", {random_floats({1, 2, 2500}, 1), random_floats({3, 2, 5}, 2)}});
  expect_the_same({"Conv", {random_floats({1, 2, 4, 5, 6}, 1), random_floats({3, 2, 2, 3, 1}, 2)}});
  expect_the_same({"Conv", {floats({0, 2, 5}, {}), random_floats({3, 2, 5}, 2)}});
}

TEST(ReferenceKernelChoiceTest, WholeNumbersWrapAroundByAnyKernel) {
  const int64_t big = int64_t{1} << 62;
  const NodeCase node{"MatMul", {ints({1, 2}, {big, 3}), ints({2, 1}, {4, 5})}};
  expect_ints(run_by("eigen", node), {1, 1}, {15});
  expect_ints(run_by("naive", node), {1, 1}, {15});
}

TEST(ReferenceKernelChoiceTest, ScratchMemoryCountsForTheLimit) {
  NodeCase node{"MatMul", {random_floats({8, 8}, 1), random_floats({8, 8}, 2)}};
  node.options = {{"memory_limit", "600"}, {"kernel_policy", R"({"MatMul": "naive"})"}};
  EXPECT_NO_THROW(run(node));
  node.options["kernel_policy"] = R"({"MatMul": "eigen"})";
  EXPECT_THAT(failure(node, XPURT_OUT_OF_MEMORY), HasSubstr("float64 [8, 8]"));
}

TEST(ReferenceKernelChoiceTest, SaysWhatTheNodesAreRunBy) {
  ModelBuilder model(17);
  model.input("a", DType::kFloat).input("b", DType::kFloat);
  model.node("MatMul", {"a", "b"}, {"c"});
  model.node("Relu", {"c"}, {"d"});
  model.output("d", DType::kFloat);
  const auto placement = [&](const std::string& policy) {
    const Session session(model.bytes(), {.options = {{"kernel_policy", policy}}});
    std::map<std::string, std::string> nodes;
    for (uint32_t i = 0; i < session.info().placement_count; ++i) {
      nodes[session.info().placement[i]->key] = session.info().placement[i]->value;
    }
    return nodes;
  };
  using Nodes = std::map<std::string, std::string>;
  EXPECT_EQ(placement(""), (Nodes{{"reference", "2"}}));
  EXPECT_EQ(placement("{}"), (Nodes{{"reference", "2"}}));
  EXPECT_EQ(placement(R"({"MatMul": "naive"})"), (Nodes{{"reference", "2"}}));
  EXPECT_EQ(placement(R"({"MatMul": "eigen"})"),
            (Nodes{{"reference", "1"}, {"reference/eigen", "1"}}));
}

/// The failure of a choice.
std::pair<xpurt_status, std::string> failure_of_choice(const std::string& json) {
  try {
    read_kernel_choice(json);
  } catch (const engine::Failure& failure) {
    return {failure.code, failure.what()};
  }
  return {XPURT_OK, ""};
}

TEST(ReferenceKernelChoiceTest, UnknownNamesListTheKnownOnes) {
  EXPECT_THAT(failure_of_choice(R"({"Matmul": "eigen"})"),
              Pair(XPURT_UNSUPPORTED_OPERATION,
                   AllOf(HasSubstr("'Matmul'"), HasSubstr("it has: Conv, Gemm, MatMul"),
                         HasSubstr("did you mean 'MatMul'?"))));
  EXPECT_THAT(failure_of_choice(R"({"Relu": "naive"})").second, HasSubstr("for 'Relu'"));
  EXPECT_THAT(failure_of_choice(R"({"MatMul": "eigne"})"),
              Pair(XPURT_UNSUPPORTED_OPERATION,
                   AllOf(HasSubstr("no kernel for MatMul that is called 'eigne'"),
                         HasSubstr("it has: eigen, naive"), HasSubstr("did you mean 'eigen'?"))));
  for (const char* wrong : {"eigen", "[]", R"({"MatMul": 1})", R"({"MatMul": )"}) {
    EXPECT_EQ(failure_of_choice(wrong).first, XPURT_INVALID_ARGUMENT) << wrong;
  }
}

TEST(ReferenceKernelChoiceTest, NaiveIsWhatRunsUnlessChosen) {
  for (const NamedKernel& each : named_kernels()) {
    const Operator* op = find_operator(each.op);
    ASSERT_NE(op, nullptr) << each.op;
    EXPECT_EQ(each.kernel == op->kernel, each.name == "naive") << each.op << " " << each.name;
  }
}

}  // namespace
}  // namespace xpuruntime::reference::testing
