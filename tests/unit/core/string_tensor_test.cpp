// SPDX-License-Identifier: Apache-2.0
// Strings, and elements of less than 8 bits.
#include "core/string_tensor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expect_error.h"
#include "script_engine.h"

namespace xpuruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kWords{"", "a b", std::string("nul\0in", 6), "\u00e9t\u00e9"};

TEST(StringTensorTest, HoldsStringsOfAnyBytes) {
  const Tensor tensor = Tensor::from_strings(kWords, {2, 2});
  EXPECT_EQ(tensor.dtype(), DType::kString);
  EXPECT_EQ(tensor.element_count(), 4);
  EXPECT_EQ(tensor.byte_size(), 5 * 8 + 3 + 6 + 5);
  const std::vector<std::string_view> strings = tensor.strings();
  EXPECT_EQ(std::vector<std::string>(strings.begin(), strings.end()), kWords);
}

TEST(StringTensorTest, HoldsNone) {
  const Tensor none = Tensor::from_strings(std::vector<std::string>{}, {0, 3});
  EXPECT_TRUE(none);
  EXPECT_TRUE(none.strings().empty());
  EXPECT_TRUE(none.clone().slice(0, 0).strings().empty());
}

TEST(StringTensorTest, RefusesACountThatDoesNotFit) {
  EXPECT_ERROR(Tensor::from_strings(kWords, {3}), InvalidArgumentError,
               "Tensor::from_strings: 4 values do not fill shape [3]");
}

TEST(StringTensorTest, IsImmutable) {
  Tensor tensor = Tensor::from_strings(kWords, {4});
  EXPECT_TRUE(tensor.read_only());
  EXPECT_ERROR(tensor.mutable_data(), InvalidStateError, HasSubstr("from_strings()"));
  EXPECT_ERROR(tensor.values<float>(), InvalidArgumentError, HasSubstr("asked for as float32"));
  EXPECT_ERROR(Tensor(DType::kFloat32, {1}).strings(), InvalidArgumentError,
               HasSubstr("asked for as string"));
}

TEST(StringTensorTest, ReshapesSlicesAndClones) {
  const Tensor tensor = Tensor::from_strings(kWords, {2, 2});
  EXPECT_THAT(tensor.slice(1, 2).strings(), ElementsAre(kWords[2], kWords[3]));
  EXPECT_THAT(tensor.reshape({4}).slice(1, 2).strings(), ElementsAre("a b"));
  EXPECT_THAT(tensor.clone().strings(), ElementsAre(kWords[0], kWords[1], kWords[2], kWords[3]));
}

TEST(StringTensorTest, KnowsOffsetsThatAreInOrder) {
  const auto check = [](std::vector<int64_t> offsets, uint64_t bytes) {
    return are_string_offsets(offsets, bytes);
  };
  EXPECT_TRUE(check({0}, 0));
  EXPECT_TRUE(check({0, 0, 3}, 3));
  EXPECT_FALSE(check({1, 3}, 3));
  EXPECT_FALSE(check({0, 4, 3}, 3));
  EXPECT_FALSE(check({0, 3}, 4));
  EXPECT_FALSE(check({0, -1}, static_cast<uint64_t>(-1)));
}

/// y is the strings of x twice over, or what `write` makes of them.
InferenceSession open_strings(std::function<void(const engine::RunArgs&)> write) {
  engine::ModelSpec spec = one_to_one({-1}, {-1});
  spec.inputs[0].dtype = spec.outputs[0].dtype = XPURT_STRING;
  return open_script({.model = spec, .run = std::move(write)});
}

void write_twice(const engine::RunArgs& args) {
  std::vector<std::string> twice;
  for (const std::string_view text : engine::strings_of(args.input(0))) {
    twice.push_back(std::string(text) + std::string(text));
  }
  const std::vector<std::string_view> views(twice.begin(), twice.end());
  args.write_strings(0, {args.input(0).shape, 1}, views);
}

TEST(StringTensorTest, CrossesTheSeam) {
  const InferenceSession session = open_strings(write_twice);
  const Tensor x = Tensor::from_strings(kWords, {4});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(
        session.run(std::span(&x, 1))[0].strings(),
        ElementsAre("", "a ba b", std::string("nul\0innul\0in", 12), kWords[3] + kWords[3]));
  }
}

TEST(StringTensorTest, IsReadAnewInEveryBoundRun) {
  const InferenceSession session = open_strings([](const engine::RunArgs& args) {
    EXPECT_EQ(args.repeat(), 0U);
    write_twice(args);
  });
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", Tensor::from_strings(kWords, {4}));
  for (int i = 0; i < 3; ++i) {
    session.run(binding);
    EXPECT_EQ(binding.outputs().at("y").strings()[1], "a ba b");
  }
}

TEST(StringTensorTest, IsNeverBoundAsAnOutput) {
  const InferenceSession session = open_strings(write_twice);
  IOBinding binding = session.create_io_binding();
  EXPECT_ERROR(binding.bind_output("y", Tensor::from_strings(kWords, {4})), InvalidArgumentError,
               HasSubstr("leave the output to the engine"));
}

TEST(StringTensorTest, IsTakenFromAnEnginesOwnMemory) {
  static int released = 0;
  const InferenceSession session = open_strings([](const engine::RunArgs& args) {
    static const int64_t offsets[] = {0, 2, 3};
    static char bytes[] = "hi!";
    static const int64_t shape[] = {2};
    xpurt_value value = engine::RunArgs::tensor(XPURT_STRING, shape, bytes, 3);
    value.offsets = offsets;
    args.give(0, value, [](void*) { ++released; }, nullptr);
  });
  const Tensor x = Tensor::from_strings(kWords, {4});
  RunReport report;
  const std::vector<Tensor> y = session.run(std::span(&x, 1), {.report = &report});
  EXPECT_THAT(y[0].strings(), ElementsAre("hi", "!"));
  EXPECT_EQ(released, 1);
  EXPECT_EQ(report.bytes_copied(), 3 * 8 + 3U);
}

TEST(StringTensorTest, IsRefusedWhenItsOffsetsAreWrong) {
  const auto run_with = [](std::vector<int64_t> wrong) {
    const InferenceSession session = open_strings([wrong](const engine::RunArgs& args) {
      int64_t* const offsets = args.reserve_strings(0, 2, 3);
      std::copy(wrong.begin(), wrong.end(), offsets);
      const int64_t shape[] = {2};
      args.commit_strings(0, shape, offsets, 2);
    });
    const Tensor x = Tensor::from_strings(kWords, {4});
    session.run(std::span(&x, 1));
  };
  EXPECT_ERROR(run_with({0, 4, 3}), InternalError, HasSubstr("strings without an order"));
  EXPECT_ERROR(run_with({1, 2, 3}), InternalError, HasSubstr("strings without an order"));
  EXPECT_ERROR(run_with({0, 1, 99}), InternalError, HasSubstr("memory that it was not given"));
}

TEST(PackedTensorTest, TakesTheBytesThatItsBitsNeed) {
  EXPECT_EQ(Tensor(DType::kInt4, {3}).byte_size(), 2U);
  EXPECT_EQ(Tensor(DType::kUInt2, {2, 2}).byte_size(), 1U);
  EXPECT_EQ(Tensor(DType::kInt2, {0, 5}).byte_size(), 0U);
  EXPECT_EQ(Tensor(DType::kInt4, {3}).element_count(), 3);
  EXPECT_EQ(Tensor(DType::kComplex128, {3}).byte_size(), 48U);
}

TEST(PackedTensorTest, SlicesAtTheBordersOfBytes) {
  const Tensor tensor(DType::kInt4, {3, 1});
  EXPECT_EQ(tensor.slice(0, 1).byte_size(), 1U);
  EXPECT_EQ(tensor.slice(2, 3).data(), static_cast<const std::byte*>(tensor.data()) + 1);
  EXPECT_ERROR(tensor.slice(1, 2), InvalidArgumentError, HasSubstr("begins inside a byte"));
}

}  // namespace
}  // namespace xpuruntime
