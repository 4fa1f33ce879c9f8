// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/io_binding.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "tensors.h"

namespace xpuruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor rows(std::initializer_list<float> values) {
  return Tensor::from(values, {static_cast<int64_t>(values.size()) / 2, 2});
}

TEST(IOBindingTest, AnOutputIsAtTheAddressThatWasGiven) {
  const InferenceSession session = open_fake(kTwo);
  IOBinding binding = session.create_io_binding();
  float total[2] = {};
  float twice[2] = {};
  Tensor left = Tensor::from({1.0F, 2.0F}, {2});
  binding.bind_input("left", left);
  binding.bind_input("right", Tensor::from({10.0F, 20.0F}, {2}));
  binding.bind_output("total", Tensor::wrap(total, DType::kFloat32, {2}));
  binding.bind_output("twice", Tensor::wrap(twice, DType::kFloat32, {2}));
  for (float i = 1; i <= 3; ++i) {
    left.mutable_values<float>()[0] = i;
    session.run(binding);
    EXPECT_EQ(binding.outputs().at("total").data(), total);
    EXPECT_EQ(binding.outputs().at("twice").data(), twice);
    EXPECT_THAT(total, ElementsAre(i + 10, 22));
    EXPECT_THAT(twice, ElementsAre(2 * i, 4));
  }
}

TEST(IOBindingTest, AnOutputLeftToTheEngineIsAFreshTensor) {
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", rows({1, 2}));
  session.run(binding);
  const Tensor first = binding.outputs()[0];
  binding.bind_input("x", rows({3, 4}));
  session.run(binding);
  EXPECT_THAT(values_of(first), ElementsAre(2, 4)) << "the user holds it";
  EXPECT_THAT(values_of(binding.outputs()[0]), ElementsAre(6, 8));
}

TEST(IOBindingTest, MemoryThatIsTooSmallIsAnErrorAndNothingIsWritten) {
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  float memory[4] = {-1, -1, -1, -1};
  binding.bind_input("x", rows({1, 2, 3, 4}));
  binding.bind_output("y", Tensor::wrap(memory, DType::kFloat32, {1, 2}));
  EXPECT_ERROR(session.run(binding), InvalidArgumentError,
               HasSubstr("output 'y': the bound memory is too small: expected 16 bytes, got 8"));
  EXPECT_THAT(memory, ElementsAre(-1, -1, -1, -1));
  EXPECT_TRUE(binding.outputs().empty());
  binding.bind_input("x", rows({1, 2}));
  session.run(binding);
  EXPECT_THAT(memory, ElementsAre(2, 4, -1, -1));
}

TEST(IOBindingTest, AnEnginesOwnMemoryIsNotCopiedPastTheEndEither) {
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {-1}), .run = [](const engine::RunArgs& args) {
                     static float own[3] = {1, 2, 3};
                     const int64_t shape[] = {3};
                     args.give(0, engine::RunArgs::tensor(XPURT_FLOAT, shape, own, sizeof(own)),
                               nullptr, nullptr);
                   }});
  IOBinding binding = session.create_io_binding();
  float memory[3] = {-1, -1, -1};
  binding.bind_input("x", Tensor::from({1.0F}, {1}));
  binding.bind_output("y", Tensor::wrap(memory, DType::kFloat32, {2}));
  EXPECT_ERROR(session.run(binding), InvalidArgumentError, HasSubstr("expected 12 bytes, got 8"));
  EXPECT_THAT(memory, ElementsAre(-1, -1, -1));
}

TEST(IOBindingTest, ADynamicOutputInLargerMemoryComesBackInItsShape) {
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  float memory[8] = {};
  binding.bind_output("y", Tensor::wrap(memory, DType::kFloat32, {4, 2}));
  binding.bind_input("x", rows({1, 2, 3, 4}));
  session.run(binding);
  EXPECT_EQ(binding.outputs()[0].shape(), (Shape{2, 2}));
  EXPECT_EQ(binding.outputs()[0].data(), memory);
  binding.bind_input("x", rows({1, 2, 3, 4, 5, 6, 7, 8}));
  session.run(binding);
  EXPECT_EQ(binding.outputs()[0].shape(), (Shape{4, 2}));
  binding.bind_input("x", Tensor(DType::kFloat32, {0, 2}));
  session.run(binding);
  EXPECT_EQ(binding.outputs()[0].shape(), (Shape{0, 2}));
  EXPECT_EQ(binding.outputs()[0].data(), memory);
}

TEST(IOBindingTest, TakesOtherShapesWhenBoundAgain) {
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  float memory[2][4] = {};
  for (int64_t n = 1; n <= 2; ++n) {
    Tensor x(DType::kFloat32, {n, 2});
    for (float& value : x.mutable_values<float>()) value = static_cast<float>(n);
    binding.bind_input("x", x);
    binding.bind_output("y", Tensor::wrap(memory[n - 1], DType::kFloat32, {n, 2}));
    EXPECT_TRUE(binding.outputs().empty()) << "not of a run with what is bound now";
    session.run(binding);
    EXPECT_EQ(binding.outputs()[0].shape(), (Shape{n, 2}));
    EXPECT_EQ(binding.outputs()[0].data(), memory[n - 1]);
  }
  EXPECT_THAT(memory[0], ElementsAre(2, 2, 0, 0));
  EXPECT_THAT(memory[1], ElementsAre(4, 4, 4, 4));
}

TEST(IOBindingTest, AnOutputMayBeLeftToTheEngineAgain) {
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  float memory[2] = {};
  binding.bind_input("x", rows({1, 2}));
  binding.bind_output("y", Tensor::wrap(memory, DType::kFloat32, {1, 2}));
  session.run(binding);
  binding.bind_output("y");
  EXPECT_TRUE(binding.outputs().empty());
  memory[0] = -1;
  session.run(binding);
  EXPECT_NE(binding.outputs()[0].data(), memory);
  EXPECT_EQ(memory[0], -1);
}

TEST(IOBindingTest, KeepsAliveWhatItBindsAndNothingElse) {
  const InferenceSession session = open_fake(kScale);
  float x[2] = {1, 2};
  float y[2] = {};
  int inputs_released = 0;
  int outputs_released = 0;
  const auto bind = [&](IOBinding& binding) {
    binding.bind_input("x", Tensor::wrap(x, DType::kFloat32, {1, 2}, [&] { ++inputs_released; }));
    binding.bind_output("y", Tensor::wrap(y, DType::kFloat32, {1, 2}, [&] { ++outputs_released; }));
  };
  IOBinding binding = session.create_io_binding();
  bind(binding);
  session.run(binding);
  EXPECT_EQ(inputs_released + outputs_released, 0);
  bind(binding);
  EXPECT_EQ(inputs_released, 1);
  EXPECT_EQ(outputs_released, 1);
  session.run(binding);
  binding.bind_output("y");
  EXPECT_EQ(outputs_released, 2) << "unbound, it is let go";
  bind(binding);
  session.run(binding);
  binding.clear();
  EXPECT_EQ(inputs_released, 3);
  EXPECT_EQ(outputs_released, 3);
  {
    IOBinding other = session.create_io_binding();
    bind(other);
    session.run(other);
  }
  EXPECT_EQ(inputs_released, 4);
  EXPECT_EQ(outputs_released, 4);
}

TEST(IOBindingTest, HasNoOutputsBeforeARunNorAfterOneThatFailed) {
  bool fail = false;
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {1}), .run = [&](const engine::RunArgs& args) {
                     fill_output(args, 0, {1}, 1);
                     if (fail) throw engine::Failure(XPURT_ENGINE, "after the output");
                   }});
  IOBinding binding = session.create_io_binding();
  EXPECT_TRUE(binding.outputs().empty());
  binding.bind_input("x", Tensor::from({1.0F}, {1}));
  session.run(binding);
  EXPECT_EQ(binding.outputs().size(), 1U);
  fail = true;
  EXPECT_THROW(session.run(binding), EngineError);
  EXPECT_TRUE(binding.outputs().empty());
  fail = false;
  session.run(binding);
  EXPECT_EQ(binding.outputs().size(), 1U);
  binding.clear();
  EXPECT_TRUE(binding.outputs().empty());
  EXPECT_ERROR(session.run(binding), InvalidArgumentError,
               "input 'x' is not bound (engine script, model <bytes>)");
}

TEST(IOBindingTest, RefusesWhatTheModelDoesNotHave) {
  const InferenceSession session = open_fake(kTwo);
  IOBinding binding = session.create_io_binding();
  const Tensor two(DType::kFloat32, {2});
  EXPECT_ERROR(binding.bind_input("lfet", two), InvalidArgumentError,
               "the model has no input 'lfet'; it has: left, right; did you mean 'left'? (engine "
               "fake, model <bytes>)");
  EXPECT_ERROR(binding.bind_output("totl", two), InvalidArgumentError,
               HasSubstr("the model has no output 'totl'"), HasSubstr("did you mean 'total'?"));
  EXPECT_THROW(binding.bind_output("left"), InvalidArgumentError);
  EXPECT_ERROR(binding.bind_input("left", Tensor(DType::kInt64, {2})), InvalidArgumentError,
               HasSubstr("input 'left': expected float32[2], got int64[2]"));
  EXPECT_ERROR(binding.bind_input("left", Tensor(DType::kFloat32, {3})), InvalidArgumentError,
               HasSubstr("got float32[3]"));
  EXPECT_ERROR(binding.bind_output("total", Tensor(DType::kFloat64, {2})), InvalidArgumentError,
               HasSubstr("output 'total': expected float32[2], got float64[2]"));
  EXPECT_ERROR(binding.bind_output("total", Tensor()), InvalidArgumentError,
               HasSubstr("output 'total': the tensor is empty"));
}

TEST(IOBindingTest, RefusesReadOnlyMemoryForAnOutput) {
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  const float memory[2] = {};
  EXPECT_ERROR(binding.bind_output("y", Tensor::wrap_read_only(memory, DType::kFloat32, {1, 2})),
               InvalidArgumentError, HasSubstr("output 'y': the memory is read-only"));
  binding.bind_input("x", Tensor::wrap_read_only(memory, DType::kFloat32, {1, 2}));
  session.run(binding);
}

TEST(IOBindingTest, RefusesMemoryThatOverlapsWhicheverIsBoundFirst) {
  const InferenceSession session = open_fake(kTwo);
  Tensor memory(DType::kFloat32, {4});
  IOBinding binding = session.create_io_binding();
  binding.bind_input("left", memory.slice(0, 2));
  EXPECT_ERROR(binding.bind_output("total", memory.slice(1, 3)), InvalidArgumentError,
               HasSubstr("output 'total': its memory overlaps that of input 'left'"));
  binding.bind_output("total", memory.slice(2, 4));
  EXPECT_ERROR(binding.bind_input("right", memory.slice(1, 3)), InvalidArgumentError,
               HasSubstr("overlaps that of input 'right'"));
  EXPECT_ERROR(binding.bind_output("twice", memory.slice(2, 4)), InvalidArgumentError,
               HasSubstr("output 'twice': its memory overlaps that of output 'total'"));
  // Inputs may share memory, and what was refused changed nothing.
  binding.bind_input("right", memory.slice(0, 2));
  session.run(binding);
  EXPECT_EQ(binding.outputs()[0].data(), memory.slice(2, 4).data());
}

TEST(IOBindingTest, RefusesTheBindingOfAnotherSession) {
  const InferenceSession session = open_fake(kScale);
  const InferenceSession other = open_fake(kScale);
  IOBinding binding = other.create_io_binding();
  binding.bind_input("x", rows({1, 2}));
  EXPECT_ERROR(session.run(binding), InvalidArgumentError,
               "the binding was made by another session (engine fake, model <bytes>)");
  other.run(binding);
  EXPECT_EQ(binding.outputs().size(), 1U);
}

TEST(IOBindingTest, RefreshesTheAlignedCopyOfAnInputInEachRun) {
  alignas(64) std::byte memory[64] = {};
  auto* x = reinterpret_cast<float*>(memory + 4);
  const InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", Tensor::wrap(x, DType::kFloat32, {1, 2}));
  for (float i = 1; i <= 3; ++i) {
    x[0] = i;
    RunReport report;
    session.run(binding, {.report = &report});
    EXPECT_EQ(binding.outputs()[0].values<float>()[0], 2 * i);
    EXPECT_EQ(report.bytes_copied(), 8U);
  }
}

TEST(IOBindingTest, MovesWithWhatItBinds) {
  const InferenceSession session = open_fake(kScale);
  IOBinding first = session.create_io_binding();
  first.bind_input("x", rows({1, 2}));
  IOBinding second = std::move(first);
  session.run(second);
  EXPECT_THAT(values_of(second.outputs()[0]), ElementsAre(2, 4));
  second = session.create_io_binding();
  EXPECT_TRUE(second.outputs().empty());
}

}  // namespace
}  // namespace xpuruntime
