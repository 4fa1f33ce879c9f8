// SPDX-License-Identifier: Apache-2.0
// Every operator on inputs that it was not made for: it runs or says why not, and nothing else.
#include "node_case.h"
#include "ops/ops.h"

namespace xpuruntime::reference::testing {
namespace {

const std::vector<Value> kInputs{
    floats({2, 3}, {1, -2, NAN, INFINITY, 0, 7}),
    floats({1, 2, 2, 1}, {1, 2, 3, 4}),
    floats({}, {-1}),
    floats({0, 3}, {}),
    ints({2, 3}, {0, 1, -1, INT64_MAX, INT64_MIN, 2}),
    ints({2}, {1, 0}),
    ints({1}, {-3}),
    ints({}, {int64_t{1} << 40}),
    bools({2}, {1, 0}),
    strings({2}, {"1", "x"}),
    make<uint8_t>(DType::kFloat8e5m2, {2}, {0x3c, 0xff}),
    make<uint8_t>(DType::kInt4, {3}, {0x8f, 0x07}),
    make<float>(DType::kComplex64, {1}, {1, 2}),
};

/// The operator on `first` and as many of `other` as there are further inputs.
void run_once(const Operator& op, size_t inputs, int64_t opset, const Value& first,
              const Value& other) {
  ModelBuilder model(opset);
  std::vector<std::string> names;
  std::vector<Value> given;
  for (size_t i = 0; i < inputs; ++i) {
    names.push_back("x" + std::to_string(i));
    given.push_back(i == 0 ? first : other);
    model.input(names.back(), given.back().dtype);
  }
  model.node(std::string(op.name), names, {"y"});
  try {
    Session(model.bytes(), {.options = {{"memory_limit", "1000000"}}, .extra_outputs = {"y"}})
        .run(given);
  } catch (const Failed& failed) {
    const bool is_typed = failed.code == XPURT_INVALID_ARGUMENT ||
                          failed.code == XPURT_UNSUPPORTED_OPERATION ||
                          failed.code == XPURT_OUT_OF_MEMORY;
    EXPECT_TRUE(is_typed) << op.name << " with code " << failed.code << ": " << failed.what();
  }
}

TEST(ReferenceEveryOperatorTest, RunsOrSaysWhyNot) {
  for (const Operator& op : operators()) {
    for (const int64_t opset : {op.since, kNewestOpset}) {
      for (size_t inputs = op.min_inputs; inputs <= std::min<size_t>(op.max_inputs, 5); ++inputs) {
        for (const Value& first : kInputs) {
          for (const Value& other : kInputs) {
            const bool is_pair = inputs > 1 && opset == kNewestOpset;
            if (is_pair || &first == &other) run_once(op, inputs, opset, first, other);
          }
        }
      }
    }
  }
}

TEST(ReferenceEveryOperatorTest, IsSortedByName) {
  for (size_t i = 1; i < operators().size(); ++i) {
    EXPECT_LT(operators()[i - 1].name, operators()[i].name);
  }
}

}  // namespace
}  // namespace xpuruntime::reference::testing
