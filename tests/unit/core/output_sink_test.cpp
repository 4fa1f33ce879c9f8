// SPDX-License-Identifier: Apache-2.0
// What the sink says to engines that break its rules, and gives to those that keep them.
#include "core/output_sink.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "expect_error.h"
#include "script_engine.h"

namespace xpuruntime {
namespace {

using engine::RunArgs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Runs a model with one output y of float32[-1,2] whose engine does `body`.
Tensor run(std::function<void(const RunArgs&)> body, Tensor into = {}) {
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {-1, 2}), .run = std::move(body)});
  std::vector<Tensor> outputs{std::move(into)};
  session.run(std::vector<Tensor>{Tensor::from({1.0F}, {1})}, outputs);
  return outputs[0];
}

TEST(OutputSinkTest, RefusesMemoryThatItDidNotGive) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 static float own[2];
                 const int64_t shape[] = {1, 2};
                 args.commit(0, XPURT_FLOAT, shape, own, sizeof(own));
               }),
               InternalError,
               "output 'y': the engine committed memory that it was not given (engine script, "
               "model <bytes>)");
}

TEST(OutputSinkTest, RefusesOtherMemoryThanItGave) {
  static float own[2];
  const auto commit_own = [](const RunArgs& args) {
    const int64_t shape[] = {1, 2};
    args.reserve(0, sizeof(own));
    args.commit(0, XPURT_FLOAT, shape, own, sizeof(own));
  };
  EXPECT_ERROR(run(commit_own), InternalError,
               HasSubstr("the engine committed memory that it was not given"));
  EXPECT_ERROR(run(commit_own, Tensor(DType::kFloat32, {1, 2})), InternalError,
               HasSubstr("the engine committed memory that it was not given"));
}

TEST(OutputSinkTest, RefusesMoreBytesThanWereReserved) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 void* data = args.reserve(0, 8);
                 const int64_t shape[] = {2, 2};
                 args.commit(0, XPURT_FLOAT, shape, data, 16);
               }),
               InternalError, HasSubstr("the engine committed memory that it was not given"));
}

TEST(OutputSinkTest, RefusesAnotherTypeThanTheModels) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 const int64_t shape[] = {1, 2};
                 args.commit(0, XPURT_INT32, shape, args.reserve(0, 8), 8);
               }),
               InternalError,
               HasSubstr("output 'y': the engine gave int32 where the model says float32"));
}

TEST(OutputSinkTest, RefusesBytesThatAreNotThoseOfTheShape) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 const int64_t shape[] = {1, 2};
                 args.commit(0, XPURT_FLOAT, shape, args.reserve(0, 8), 4);
               }),
               InternalError, HasSubstr("output 'y': the engine gave 4 bytes for shape [1,2]"));
}

TEST(OutputSinkTest, RefusesAShapeThatIsNotResolved) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 const int64_t shape[] = {-1, 2};
                 args.commit(0, XPURT_FLOAT, shape, args.reserve(0, 8), 8);
               }),
               InternalError, HasSubstr("output 'y': the engine gave the unresolved shape [-1,2]"));
}

TEST(OutputSinkTest, RefusesAnOutputWithoutAType) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 const int64_t shape[] = {1, 2};
                 args.commit(0, XPURT_UNDEFINED, shape, args.reserve(0, 8), 8);
               }),
               InternalError, HasSubstr("the engine gave undefined where the model says float32"));
}

TEST(OutputSinkTest, RefusesWhatIsNoDenseTensor) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 static float own[2];
                 const int64_t shape[] = {1, 2};
                 xpurt_value value = RunArgs::tensor(XPURT_FLOAT, shape, own, sizeof(own));
                 value.strides = shape;
                 args.give(0, value, nullptr, nullptr);
               }),
               InternalError,
               HasSubstr("output 'y': the engine gave something other than a dense tensor"));
}

TEST(OutputSinkTest, NamesAnOutputThatNeverCame) {
  EXPECT_ERROR(run([](const RunArgs&) {}), InternalError,
               "the engine ended the run without output 'y' (engine script, model <bytes>)");
  EXPECT_ERROR(run([](const RunArgs& args) { args.reserve(0, 8); }), InternalError,
               HasSubstr("without output 'y'"));
}

TEST(OutputSinkTest, NamesTheFirstFaultWhenTheEngineGoesOn) {
  EXPECT_ERROR(run([](const RunArgs& args) {
                 const int64_t shape[] = {1, 2};
                 void* data = args.reserve(0, 8);
                 try {
                   args.commit(0, XPURT_INT32, shape, data, 8);
                 } catch (const engine::HostFailure&) {
                 }
               }),
               InternalError, HasSubstr("int32 where the model says float32"));
}

TEST(OutputSinkTest, AnOutputThatWasTakenBackIsNotPublished) {
  const auto go_on = [](const std::function<void()>& body) {
    try {
      body();
    } catch (const engine::HostFailure&) {
    }
  };
  EXPECT_THROW(run([&](const RunArgs& args) {
                 fill_output(args, 0, {1, 2}, 1);
                 const int64_t shape[] = {100, 2};
                 go_on([&] { args.commit(0, XPURT_FLOAT, shape, args.reserve(0, 8), 800); });
               }),
               InternalError);
  EXPECT_THROW(run([](const RunArgs& args) {
                 fill_output(args, 0, {1, 2}, 1);
                 args.reserve(0, 64);  // the memory of the commit is gone
               }),
               InternalError);
}

TEST(OutputSinkTest, MemoryReservedAfterAGiftIsTheHosts) {
  static float own[2] = {5, 6};
  static int released = 0;
  const Tensor y = run([](const RunArgs& args) {
    const int64_t shape[] = {1, 2};
    args.give(
        0, RunArgs::tensor(XPURT_FLOAT, shape, own, sizeof(own)),
        [](void* token) { ++*static_cast<int*>(token); }, &released);
    EXPECT_NE(args.reserve(0, sizeof(own)), own);
    fill_output(args, 0, {1, 2}, 1);
  });
  EXPECT_EQ(released, 1);
  EXPECT_EQ(own[0], 5);
  EXPECT_EQ(y.values<float>()[0], 1);
}

TEST(OutputSinkTest, ReservesAgainAndLarger) {
  const Tensor y = run([](const RunArgs& args) {
    const void* small = args.reserve(0, 8);
    EXPECT_EQ(args.reserve(0, 8), small) << "the same size is the same memory";
    args.reserve(0, 64);
    fill_output(args, 0, {3, 2}, 4);
  });
  EXPECT_EQ(y.shape(), (Shape{3, 2}));
  EXPECT_EQ(y.values<float>()[5], 4);
}

TEST(OutputSinkTest, CommitsFewerBytesThanWereReserved) {
  const Tensor y = run([](const RunArgs& args) {
    auto* data = static_cast<float*>(args.reserve(0, 800));
    data[0] = 1;
    data[1] = 2;
    const int64_t shape[] = {1, 2};
    args.commit(0, XPURT_FLOAT, shape, data, 8);
  });
  EXPECT_EQ(y.byte_size(), 8U);
  EXPECT_EQ(y.values<float>()[1], 2);
}

TEST(OutputSinkTest, ReservesHostMemoryOnly) {
  EXPECT_ERROR(run([](const RunArgs& args) { args.reserve(0, 8, 64, {XPURT_DEVICE_CUDA, 0}); }),
               UnsupportedOperationError, HasSubstr("outputs are reserved in host memory"));
  EXPECT_ERROR(run([](const RunArgs& args) { args.reserve(0, 8, 4096); }),
               UnsupportedOperationError, HasSubstr("aligned to 64 bytes at most"));
}

TEST(OutputSinkTest, RefusesOutputsThatTheModelDoesNotHave) {
  EXPECT_ERROR(run([](const RunArgs& args) { args.reserve(1, 8); }), InternalError,
               HasSubstr("no such output to reserve"));
  const int64_t shape[] = {1};
  EXPECT_ERROR(run([&](const RunArgs& args) { args.commit(7, XPURT_FLOAT, shape, nullptr, 4); }),
               InternalError, HasSubstr("no such output to commit"));
  static int released = 0;
  EXPECT_ERROR(run([&](const RunArgs& args) {
                 static float own = 0;
                 args.give(
                     1, RunArgs::tensor(XPURT_FLOAT, shape, &own, 4),
                     [](void* token) { ++*static_cast<int*>(token); }, &released);
               }),
               InternalError, HasSubstr("no such output to give"));
  EXPECT_EQ(released, 1) << "also when it is refused";
}

TEST(OutputSinkTest, ShowsBoundMemoryToTheEngine) {
  float memory[6] = {};
  const Tensor y = run(
      [&](const RunArgs& args) {
        uint64_t capacity = 0;
        const xpurt_value* bound = args.bound(0, &capacity);
        ASSERT_NE(bound, nullptr);
        EXPECT_EQ(bound->data, memory);
        EXPECT_EQ(capacity, sizeof(memory));
        EXPECT_EQ(bound->dtype, XPURT_FLOAT);
        EXPECT_THAT(std::vector<int64_t>(bound->shape, bound->shape + bound->rank),
                    ElementsAre(3, 2));
        EXPECT_EQ(args.bound(9, &capacity), nullptr);
        fill_output(args, 0, {1, 2}, 5);
      },
      Tensor::wrap(memory, DType::kFloat32, {3, 2}));
  EXPECT_EQ(y.data(), memory);
  EXPECT_EQ(y.shape(), (Shape{1, 2}));
}

TEST(OutputSinkTest, GivenTwiceTheFirstIsReleased) {
  static int released = 0;
  static float own[2][2] = {{1, 2}, {3, 4}};
  Tensor y = run([](const RunArgs& args) {
    const int64_t shape[] = {1, 2};
    for (auto& each : own) {
      args.give(
          0, RunArgs::tensor(XPURT_FLOAT, shape, each, sizeof(each)),
          [](void* token) { ++*static_cast<int*>(token); }, &released);
    }
  });
  EXPECT_EQ(released, 1);
  EXPECT_EQ(y.data(), own[1]);
  y = Tensor();
  EXPECT_EQ(released, 2);
}

}  // namespace
}  // namespace xpuruntime
