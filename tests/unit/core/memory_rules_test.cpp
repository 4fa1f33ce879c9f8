// SPDX-License-Identifier: Apache-2.0
// The five rules of docs/architecture.md, "What the core keeps true about memory".
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "tensors.h"

namespace xpuruntime {
namespace {

using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two floats that begin where no engine here wants them.
struct Misaligned {
  alignas(64) std::byte bytes[64] = {};
  float* data = reinterpret_cast<float*>(bytes + 4);
};

constexpr std::string_view kView =
    "fake\n"
    "input x float32 N 2\n"
    "output y float32 N 2\n"
    "y = give_input x\n"
    "end\n";

TEST(MemoryRuleTest, Rule1ABufferGoesBackToThePoolWhenItsLastTensorViewAndRunAreGone) {
  MemoryPool pool;
  const InferenceSession session = open_fake(kGatedScale);
  IOBinding binding = session.create_io_binding();
  Tensor tensor = pool.allocate(DType::kFloat32, {2, 2});
  for (float& value : tensor.mutable_values<float>()) value = 3;
  Tensor view = tensor.slice(1, 2);
  tensor = Tensor();
  EXPECT_EQ(pool.statistics().in_use_bytes, 16U) << "a view uses it";
  binding.bind_input("x", view);
  view = Tensor();
  ClosedGate gate;
  auto run = std::async(std::launch::async, [&] { session.run(binding); });
  gate.wait_until_waiting(1);
  EXPECT_EQ(pool.statistics().in_use_bytes, 16U) << "a run uses it";
  EXPECT_NE(pool.allocate(DType::kFloat32, {2, 2}).data(), nullptr);
  EXPECT_EQ(pool.statistics().reuses, 0U);
  gate.open();
  run.get();
  EXPECT_THAT(values_of(binding.outputs()[0]), ElementsAre(6, 6));
  binding.clear();
  EXPECT_EQ(pool.statistics().in_use_bytes, 0U);
  EXPECT_EQ(pool.statistics().retained_bytes, 32U);
}

TEST(MemoryRuleTest, Rule1AnOutputsMemoryServesAgainOnlyWhenTheOutputIsGone) {
  const InferenceSession session = open_fake(kScale);
  const Tensor x = Tensor::from({1.0F, 2.0F}, {1, 2});
  NamedTensors first = session.run({{"x", x}});
  const void* memory = first[0].data();
  const NamedTensors second = session.run({{"x", x}});
  EXPECT_NE(second[0].data(), memory);
  const Tensor view = first[0].reshape({2});
  first = NamedTensors();
  EXPECT_NE(session.run({{"x", x}})[0].data(), memory) << "a view uses it";
  EXPECT_THAT(values_of(view), ElementsAre(2, 4));
}

TEST(MemoryRuleTest, Rule2EveryRunSetsEveryInputAndOutput) {
  std::vector<const void*> inputs;
  std::vector<const void*> outputs;
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {1}),
                   .run =
                       [&](const engine::RunArgs& args) {
                         ASSERT_TRUE(args.has_input(0));
                         inputs.push_back(args.input(0).data);
                         uint64_t capacity = 0;
                         const xpurt_value* bound = args.bound(0, &capacity);
                         outputs.push_back(bound != nullptr ? bound->data : nullptr);
                         fill_output(args, 0, {1}, 1);
                       }},
                  {.contexts = 1});
  const std::vector<Tensor> first{Tensor::from({1.0F}, {1})};
  const std::vector<Tensor> second{Tensor::from({2.0F}, {1})};
  std::vector<Tensor> given{Tensor(DType::kFloat32, {1})};
  session.run(first, given);
  session.run(second);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", first[0]);
  session.run(binding);
  session.run(second, given);
  session.run(binding);
  EXPECT_THAT(inputs, ElementsAre(first[0].data(), second[0].data(), first[0].data(),
                                  second[0].data(), first[0].data()));
  EXPECT_THAT(outputs, ElementsAre(given[0].data(), nullptr, nullptr, given[0].data(), nullptr));
}

TEST(MemoryRuleTest, Rule3GivenMemoryIsTheUsersUntilReleased) {
  const int released = hooks().released;
  std::optional<InferenceSession> session(
      open_fake("fake\ninput x float32 N 2\noutput y float32 N 2\ny = give x\nend\n"));
  NamedTensors first = session->run({{"x", Tensor::from({1.0F, 2.0F}, {1, 2})}});
  const NamedTensors second = session->run({{"x", Tensor::from({3.0F, 4.0F}, {1, 2})}});
  EXPECT_NE(first[0].data(), second[0].data());
  EXPECT_THAT(values_of(first[0]), ElementsAre(1, 2));
  EXPECT_EQ(hooks().given, 2);
  session.reset();
  EXPECT_EQ(hooks().models, 0);
  EXPECT_EQ(hooks().given, 2) << "session and model are gone, the memory is not";
  EXPECT_THAT(values_of(first[0]), ElementsAre(1, 2));
  std::thread([last = std::move(first)]() mutable { last = NamedTensors(); }).join();
  EXPECT_EQ(hooks().given, 1);
  EXPECT_EQ(hooks().released, released + 1);
  EXPECT_THAT(values_of(second[0]), ElementsAre(3, 4));
}

TEST(MemoryRuleTest, Rule4AnOutputInAnInputKeepsTheInputsOwnerAlive) {
  alignas(64) float memory[] = {1, 2};
  int released = 0;
  NamedTensors outputs;
  {
    const InferenceSession session = open_fake(kView);
    const Tensor x = Tensor::wrap(memory, DType::kFloat32, {1, 2}, [&] { ++released; });
    outputs = session.run({{"x", x}});
  }
  EXPECT_EQ(outputs[0].data(), memory);
  EXPECT_EQ(released, 0);
  outputs = NamedTensors();
  EXPECT_EQ(released, 1);
}

TEST(MemoryRuleTest, Rule4AnOutputInAReadOnlyInputIsReadOnly) {
  alignas(64) const float memory[] = {1, 2};
  const InferenceSession session = open_fake(kView);
  const Tensor x = Tensor::wrap_read_only(memory, DType::kFloat32, {1, 2});
  Tensor y = session.run({{"x", x}})[0];
  EXPECT_EQ(y.data(), memory);
  EXPECT_TRUE(y.read_only());
  EXPECT_THROW(y.mutable_data(), InvalidStateError);
}

TEST(MemoryRuleTest, Rule4AnOutputInTheAlignedCopyOfAnInputKeepsTheCopy) {
  Misaligned memory;
  memory.data[0] = 1;
  memory.data[1] = 2;
  const InferenceSession session = open_fake(kView);
  const Tensor x = Tensor::wrap(memory.data, DType::kFloat32, {1, 2});
  const NamedTensors first = session.run({{"x", x}});
  memory.data[0] = 7;
  const NamedTensors second = session.run({{"x", x}});
  EXPECT_THAT(values_of(first[0]), ElementsAre(1, 2));
  EXPECT_THAT(values_of(second[0]), ElementsAre(7, 2));
}

TEST(MemoryRuleTest, Rule4ABindingsNextRunLeavesTheAlignedCopyOfTheLastAlone) {
  Misaligned memory;
  memory.data[0] = 1;
  const InferenceSession session = open_fake(kView);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", Tensor::wrap(memory.data, DType::kFloat32, {1, 2}));
  session.run(binding);
  const Tensor first = binding.outputs()[0];
  memory.data[0] = 7;
  session.run(binding);
  EXPECT_THAT(values_of(first), ElementsAre(1, 0));
  EXPECT_THAT(values_of(binding.outputs()[0]), ElementsAre(7, 0));
}

TEST(MemoryRuleTest, Rule4AnOutputInTheWeightsIsReadOnlyAndOutlivesTheModel) {
  Tensor y;
  {
    const InferenceSession session = open_fake("fake\noutput y float32 2\ny = weights 3 4\nend\n");
    y = session.run(NamedTensors())[0];
  }
  EXPECT_EQ(hooks().models, 0);
  EXPECT_TRUE(y.read_only());
  EXPECT_THROW(y.mutable_data(), InvalidStateError);
  EXPECT_THAT(values_of(y), ElementsAre(3, 4));
}

TEST(MemoryRuleTest, Rule5AnInputIsNotDonatedAndNotWritten) {
  uint32_t flags = XPURT_VALUE_DONATED;
  const InferenceSession looking =
      open_script({.model = one_to_one({1}, {1}), .run = [&](const engine::RunArgs& args) {
                     flags = args.input(0).flags;
                     fill_output(args, 0, {1}, 0);
                   }});
  looking.run(std::vector<Tensor>{Tensor::from({1.0F}, {1})});
  EXPECT_EQ(flags & XPURT_VALUE_DONATED, 0U);

  const InferenceSession session =
      open_fake("fake\ninput x float32 N 2\noutput y float32 N 2\ny = scale_in_place x 5\nend\n");
  const Tensor x = Tensor::from({1.0F, 2.0F}, {1, 2});
  EXPECT_THAT(values_of(session.run({{"x", x}})[0]), ElementsAre(5, 10));
  EXPECT_THAT(values_of(x), ElementsAre(1, 2));
}

TEST(MemoryRuleTest, Rule5OverlappingBoundMemoryIsRefused) {
  const InferenceSession session = open_fake(kTwo);
  Tensor memory(DType::kFloat32, {5});
  const std::vector<Tensor> inputs{memory.slice(0, 2), Tensor::from({1.0F, 2.0F}, {2})};
  std::vector<Tensor> outputs{memory.slice(1, 3), Tensor()};
  EXPECT_ERROR(session.run(inputs, outputs), InvalidArgumentError,
               HasSubstr("output 'total': its memory overlaps that of input 'left'"));
  outputs = {memory.slice(2, 4), memory.slice(3, 5)};
  EXPECT_ERROR(session.run(inputs, outputs), InvalidArgumentError,
               HasSubstr("output 'twice': its memory overlaps that of output 'total'"));
}

}  // namespace
}  // namespace xpuruntime
