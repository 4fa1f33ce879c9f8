// SPDX-License-Identifier: Apache-2.0
// Runs that repeat the one before: what the engine is told, and what it may leave out.
#include <gtest/gtest.h>

#include <array>
#include <span>
#include <vector>

#include "expect_error.h"
#include "script_engine.h"
#include "xpuruntime/session.h"

namespace xpuruntime {
namespace {

/// y of two floats, which the engine counts up; it leaves the sink alone in repeated runs.
class RepeatTest : public testing::Test {
 protected:
  void count_up(const engine::RunArgs& args) {
    repeats.push_back(args.repeat());
    ++runs;
    if (fails) throw engine::Failure(XPURT_ENGINE, "asked to");
    if (args.repeat() == 0 || args.repeat() != last) {
      memory = static_cast<float*>(args.reserve(0, 2 * sizeof(float)));
      args.commit(0, XPURT_FLOAT, std::array<int64_t, 1>{2}, memory, 2 * sizeof(float));
      last = args.repeat();
    }
    memory[0] = memory[1] = static_cast<float>(runs);
  }
  void run_given() { session.run(std::span(&x, 1), std::span(given)); }

  int runs = 0;
  bool fails = false;
  uint64_t last = 0;
  float* memory = nullptr;
  std::vector<uint64_t> repeats;
  Tensor x = Tensor::from<float>({1, 2}, {2});
  std::vector<Tensor> given{Tensor(DType::kFloat32, {2})};
  InferenceSession session = open_script(
      {.model = one_to_one({-1}, {-1}), .run = [this](const auto& args) { count_up(args); }},
      {.contexts = 1});
};

TEST_F(RepeatTest, NumbersBoundRunsFromTheSecondOn) {
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", x);
  binding.bind_output("y", given[0]);
  for (int i = 1; i <= 4; ++i) {
    session.run(binding);
    EXPECT_EQ(binding.outputs().at("y").values<float>()[0], static_cast<float>(i));
  }
  EXPECT_EQ(repeats[0], 0u);
  EXPECT_NE(repeats[1], 0u);
  EXPECT_EQ(repeats[2], repeats[1]);
  EXPECT_EQ(repeats[3], repeats[1]);
}

TEST_F(RepeatTest, NumbersRunsIntoTheSameGivenMemory) {
  for (int i = 1; i <= 3; ++i) {
    run_given();
    EXPECT_EQ(given[0].values<float>()[0], static_cast<float>(i));
  }
  EXPECT_NE(repeats[1], 0u);
  EXPECT_EQ(repeats[2], repeats[1]);
}

TEST_F(RepeatTest, BeginsAnewWhenSomethingIsBoundAgain) {
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", x);
  binding.bind_output("y", given[0]);
  session.run(binding);
  session.run(binding);
  binding.bind_output("y", Tensor(DType::kFloat32, {2}));
  session.run(binding);
  session.run(binding);
  EXPECT_EQ(binding.outputs().at("y").values<float>()[0], 4);
  EXPECT_EQ(repeats[2], 0u);
  EXPECT_NE(repeats[3], 0u);
  EXPECT_NE(repeats[3], repeats[1]);
}

TEST_F(RepeatTest, BeginsAnewForOtherMemoryOrAnotherShape) {
  run_given();
  run_given();
  const Tensor first = given[0];
  given[0] = Tensor(DType::kFloat32, {2});
  run_given();
  EXPECT_EQ(repeats[2], 0u);
  EXPECT_EQ(first.values<float>()[0], 2);
  EXPECT_EQ(given[0].values<float>()[0], 3);
  x = x.slice(0, 1);
  run_given();
  EXPECT_EQ(repeats[3], 0u);
}

TEST_F(RepeatTest, DoesNotTakeARunWithOutputsOfItsOwnForARepetition) {
  run_given();
  run_given();
  const std::vector<Tensor> own = session.run(std::span(&x, 1));
  EXPECT_EQ(repeats[2], 0u);
  EXPECT_EQ(own[0].values<float>()[0], 3);
  EXPECT_EQ(given[0].values<float>()[0], 2);
  run_given();
  EXPECT_EQ(repeats[3], 0u);
  EXPECT_EQ(given[0].values<float>()[0], 4);
}

TEST_F(RepeatTest, DoesNotTakeABindingsRunForThatOfAnother) {
  std::vector<IOBinding> bindings;
  for (int i = 0; i < 2; ++i) {
    bindings.push_back(session.create_io_binding());
    bindings[i].bind_input("x", x);
    bindings[i].bind_output("y", Tensor(DType::kFloat32, {2}));
  }
  for (int i = 1; i <= 6; ++i) {
    IOBinding& binding = bindings[i % 2];
    session.run(binding);
    EXPECT_EQ(binding.outputs().at("y").values<float>()[0], static_cast<float>(i));
  }
}

TEST_F(RepeatTest, BeginsAnewAfterARunThatFailed) {
  run_given();
  run_given();
  fails = true;
  EXPECT_ERROR(run_given(), EngineError, testing::HasSubstr("asked to"));
  fails = false;
  run_given();
  EXPECT_EQ(repeats[3], 0u);
  EXPECT_EQ(given[0].values<float>()[0], 4);
}

TEST_F(RepeatTest, ChecksMemoryAgainThatBecameReadOnly) {
  run_given();
  run_given();
  const Tensor before = given[0];
  given[0] = Tensor::wrap_read_only(before.data(), DType::kFloat32, {2});
  EXPECT_ERROR(run_given(), InvalidArgumentError, testing::HasSubstr("read-only"));
}

TEST_F(RepeatTest, ChecksAgainThatMemoryDoesNotOverlap) {
  run_given();
  given[0] = x;
  EXPECT_ERROR(run_given(), InvalidArgumentError, testing::HasSubstr("overlaps"));
  EXPECT_ERROR(run_given(), InvalidArgumentError, testing::HasSubstr("overlaps"));
}

TEST_F(RepeatTest, FailsWithoutTheOutputInARunThatIsNoRepetition) {
  Script lazy{.model = one_to_one({2}, {2}), .run = [](const auto&) {}};
  const InferenceSession silent = open_script(lazy);
  for (int i = 0; i < 3; ++i) {
    EXPECT_ERROR(silent.run(std::span(&x, 1), std::span(given)), InternalError,
                 testing::HasSubstr("without output 'y'"));
  }
}

}  // namespace
}  // namespace xpuruntime
