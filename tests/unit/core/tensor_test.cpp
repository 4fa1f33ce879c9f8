// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/tensor.h"

#include <gtest/gtest.h>

#include <array>
#include <latch>
#include <numeric>
#include <thread>
#include <vector>

#include "expect_error.h"
#include "tensors.h"

namespace xpuruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Types;

constexpr int64_t kTooLong = int64_t{1} << 40;

Tensor counting_up(const Shape& shape) {
  Tensor tensor(DType::kFloat32, shape);
  const auto values = tensor.mutable_values<float>();
  std::iota(values.begin(), values.end(), 0.0F);
  return tensor;
}

bool is_aligned(const void* data) { return reinterpret_cast<uintptr_t>(data) % 64 == 0; }

template <typename T>
class TensorOfTest : public ::testing::Test {};
using AllElements = Types<bool, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t,
                          uint64_t, Float16, BFloat16, float, double>;
TYPED_TEST_SUITE(TensorOfTest, AllElements);

TYPED_TEST(TensorOfTest, HoldsElementsOfItsType) {
  const std::array<TypeParam, 3> values{};
  const Tensor tensor = Tensor::from(std::span<const TypeParam>(values), {3});
  EXPECT_EQ(tensor.dtype(), kDTypeOf<TypeParam>);
  EXPECT_EQ(tensor.byte_size(), 3 * sizeof(TypeParam));
  EXPECT_EQ(tensor.element_count(), 3);
  EXPECT_EQ(tensor.template values<TypeParam>().size(), 3U);
  EXPECT_EQ(std::memcmp(tensor.data(), values.data(), sizeof(values)), 0);
}

TEST(TensorTest, IsNoTensorAtFirst) {
  const Tensor tensor;
  EXPECT_FALSE(tensor);
  EXPECT_EQ(tensor.dtype(), DType::kUndefined);
  EXPECT_EQ(tensor.data(), nullptr);
  EXPECT_EQ(tensor.element_count(), 0);
  EXPECT_FALSE(tensor.clone());
  EXPECT_EQ(to_string(tensor), "no tensor");
  EXPECT_THROW(tensor.reshape({}), InvalidArgumentError);
  EXPECT_THROW(tensor.slice(0, 0), InvalidArgumentError);
}

TEST(TensorTest, IsAlignedAndReadableBehindItsEnd) {
  for (const int64_t size : {0, 1, 3, 63, 64, 65, 1000}) {
    const Tensor tensor(DType::kUInt8, {size});
    EXPECT_TRUE(is_aligned(tensor.data())) << size;
    const auto* end = static_cast<const uint8_t*>(tensor.data()) + size;
    EXPECT_EQ(std::accumulate(end, end + 64, 0), 0) << size;  // asan would tell
  }
}

TEST(TensorTest, KeepsAZeroDimension) {
  const Tensor tensor(DType::kFloat32, {3, 0, 2});
  EXPECT_TRUE(tensor);
  EXPECT_EQ(tensor.shape(), (Shape{3, 0, 2}));
  EXPECT_EQ(tensor.byte_size(), 0U);
  EXPECT_TRUE(tensor.values<float>().empty());
  EXPECT_EQ(tensor.clone().shape(), tensor.shape());
  EXPECT_EQ(tensor.reshape({0, 7}).shape(), (Shape{0, 7}));
}

TEST(TensorTest, OfRankZeroHasOneElement) {
  const Tensor tensor = Tensor::from({5.0F}, Shape());
  EXPECT_EQ(tensor.element_count(), 1);
  EXPECT_EQ(to_string(tensor), "float32[] on cpu");
}

TEST(TensorTest, RefusesShapesThatNoMemoryHas) {
  EXPECT_ERROR(Tensor(DType::kFloat32, {2, -1}), InvalidArgumentError, HasSubstr("negative"));
  EXPECT_ERROR(Tensor(DType::kFloat32, {kTooLong, kTooLong}), InvalidArgumentError,
               HasSubstr("too many elements"));
  EXPECT_ERROR(Tensor(DType::kFloat64, {INT64_MAX / 2}), InvalidArgumentError,
               HasSubstr("is too large"));
  EXPECT_ERROR(Tensor(DType::kUInt16, {INT64_MAX / 2 + 1}), InvalidArgumentError,
               HasSubstr("is too large"));
}

TEST(TensorTest, RefusesTypesThatItDoesNotHold) {
  EXPECT_ERROR(Tensor(DType::kString, {1}), InvalidArgumentError,
               "memory of strings cannot be sized by shape; Tensor::from_strings makes tensors of "
               "them");
  EXPECT_ERROR(Tensor(DType::kFloat6E2M3, {1}), InvalidArgumentError,
               "tensors do not hold dtype float6_e2m3fn");
  EXPECT_ERROR(Tensor(DType::kUndefined, {2}), InvalidArgumentError, HasSubstr("undefined"));
}

TEST(TensorTest, SaysHowMuchMemoryCannotBeHad) {
  try {
    const Tensor tensor(DType::kUInt8, {int64_t{1} << 60});
    FAIL();
  } catch (const OutOfMemoryError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot allocate 1152921504606846976 bytes"));
    EXPECT_EQ(error.detail().asked, uint64_t{1} << 60);
    EXPECT_GT(error.detail().available, 0U);
    EXPECT_TRUE(error.detail().retryable);
  }
  EXPECT_THROW(Tensor(DType::kUInt8, {INT64_MAX}), OutOfMemoryError);
}

TEST(TensorTest, FromCopiesValues) {
  std::vector<float> values{1, 2, 3, 4};
  const Tensor tensor = Tensor::from(std::span<const float>(values), {2, 2});
  values[0] = 9;
  EXPECT_THAT(values_of(tensor), ElementsAre(1, 2, 3, 4));
  EXPECT_ERROR(Tensor::from({1.0F, 2.0F}, {3}), InvalidArgumentError,
               "Tensor::from: 2 values do not fill shape [3]");
  EXPECT_EQ(Tensor::from(std::span<const float>(), {0}).element_count(), 0);
}

TEST(TensorTest, WrapSharesMemoryAndGivesItBackOnce) {
  std::vector<float> memory{1, 2, 3};
  int released = 0;
  {
    Tensor tensor = Tensor::wrap(memory.data(), DType::kFloat32, {3}, [&] { ++released; });
    EXPECT_EQ(tensor.data(), memory.data());
    tensor.mutable_values<float>()[1] = 7;
    const Tensor copy = tensor;
    const Tensor view = copy.slice(1, 2);
    tensor = Tensor();
    EXPECT_EQ(released, 0);
  }
  EXPECT_EQ(released, 1);
  EXPECT_EQ(memory[1], 7);
}

TEST(TensorTest, WrapGivesBackOnWhicheverThreadIsLast) {
  float memory = 0;
  std::thread::id released_on;
  Tensor tensor = Tensor::wrap(&memory, DType::kFloat32, {1},
                               [&] { released_on = std::this_thread::get_id(); });
  std::thread other([last = std::move(tensor)]() mutable { last = Tensor(); });
  const auto id = other.get_id();
  other.join();
  EXPECT_EQ(released_on, id);
}

TEST(TensorTest, ManyThreadsGiveBackOnce) {
  constexpr int kThreads = 8;
  float memory = 0;
  std::atomic<int> released{0};
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    Tensor tensor = Tensor::wrap(&memory, DType::kFloat32, {1}, [&] { ++released; });
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&start, mine = tensor]() mutable {
        start.arrive_and_wait();
        for (int k = 0; k < 1000; ++k) const Tensor copy = mine;
        mine = Tensor();
      });
    }
  }
  EXPECT_EQ(released, 1);
}

TEST(TensorTest, WrapRefusesAndThenDoesNotRelease) {
  int released = 0;
  const auto release = [&] { ++released; };
  float memory = 0;
  EXPECT_ERROR(Tensor::wrap(nullptr, DType::kFloat32, {2}, release), InvalidArgumentError,
               "Tensor::wrap: data is null, but shape [2] needs 8 bytes");
  EXPECT_THROW(Tensor::wrap(&memory, DType::kFloat32, {-1}, release), InvalidArgumentError);
  EXPECT_THROW(Tensor::wrap(&memory, DType::kString, {1}, release), InvalidArgumentError);
  EXPECT_THROW(Tensor::wrap(&memory, DType::kFloat32, {kTooLong, kTooLong}, release),
               InvalidArgumentError);
  EXPECT_EQ(released, 0);
}

TEST(TensorTest, WrapsNothingWhereNothingIsNeeded) {
  const Tensor tensor = Tensor::wrap(nullptr, DType::kFloat32, {0, 4});
  EXPECT_TRUE(tensor);
  EXPECT_EQ(tensor.byte_size(), 0U);
}

TEST(TensorTest, WrapKeepsTheDevice) {
  float memory = 0;
  const Device device{DeviceType::kCuda, 1};
  const Tensor tensor = Tensor::wrap(&memory, DType::kFloat32, {1}, nullptr, device);
  EXPECT_EQ(tensor.device(), device);
  EXPECT_EQ(to_string(tensor), "float32[1] on cuda:1");
}

TEST(TensorTest, ReadOnlyMemoryIsNotToBeWritten) {
  const float memory[] = {1, 2};
  Tensor tensor = Tensor::wrap_read_only(memory, DType::kFloat32, {2});
  Tensor view = tensor.slice(0, 1);
  EXPECT_TRUE(tensor.read_only());
  EXPECT_ERROR(tensor.mutable_data(), InvalidStateError,
               "the memory of float32[2] on cpu is read-only; clone() makes a copy that is not");
  EXPECT_THROW(view.mutable_values<float>(), InvalidStateError);
  Tensor copy = tensor.clone();
  EXPECT_FALSE(copy.read_only());
  copy.mutable_values<float>()[0] = 5;
  EXPECT_EQ(memory[0], 1);
}

TEST(TensorTest, RefusesElementsOfAnotherType) {
  Tensor tensor(DType::kFloat32, {2});
  EXPECT_ERROR(tensor.values<double>(), InvalidArgumentError,
               "the elements of float32[2] on cpu were asked for as float64");
  EXPECT_THROW(tensor.mutable_values<int32_t>(), InvalidArgumentError);
}

TEST(TensorTest, SlicesRowsInTheSameMemory) {
  const Tensor tensor = counting_up({3, 2});
  const Tensor rows = tensor.slice(1, 3);
  EXPECT_EQ(rows.shape(), (Shape{2, 2}));
  EXPECT_THAT(values_of(rows), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(rows.data(), static_cast<const float*>(tensor.data()) + 2);
  EXPECT_TRUE(rows.shares_memory(tensor));
  EXPECT_EQ(tensor.slice(3, 3).shape(), (Shape{0, 2}));
  EXPECT_EQ(rows.slice(1, 2).values<float>()[0], 4);
}

TEST(TensorTest, RefusesRowsThatAreNotThere) {
  const Tensor tensor = counting_up({3, 2});
  EXPECT_ERROR(tensor.slice(1, 4), InvalidArgumentError,
               "cannot take rows [1, 4) of float32[3,2] on cpu");
  EXPECT_THROW(tensor.slice(-1, 1), InvalidArgumentError);
  EXPECT_THROW(tensor.slice(2, 1), InvalidArgumentError);
  EXPECT_THROW(Tensor::from({1.0F}, Shape()).slice(0, 1), InvalidArgumentError);
}

TEST(TensorTest, ReshapesInTheSameMemory) {
  const Tensor tensor = counting_up({2, 3});
  const Tensor flat = tensor.reshape({6});
  EXPECT_EQ(flat.data(), tensor.data());
  EXPECT_EQ(tensor.reshape({3, -1}).shape(), (Shape{3, 2}));
  EXPECT_EQ(tensor.reshape({-1}).shape(), (Shape{6}));
  EXPECT_EQ(tensor.reshape({1, 1, 2, 1, 1, 3, 1}).shape().rank(), 7U);
}

TEST(TensorTest, RefusesAShapeOfOtherElements) {
  const Tensor tensor = counting_up({2, 3});
  EXPECT_ERROR(tensor.reshape({4, 2}), InvalidArgumentError,
               "cannot reshape float32[2,3] on cpu to [4,2]");
  EXPECT_THROW(tensor.reshape({4, -1}), InvalidArgumentError);
  EXPECT_THROW(tensor.reshape({-1, -1}), InvalidArgumentError);
  EXPECT_THROW(tensor.reshape({-2, -3}), InvalidArgumentError);
  EXPECT_THROW(tensor.reshape({0, -1}), InvalidArgumentError);
  EXPECT_THROW(tensor.reshape({kTooLong, kTooLong}), InvalidArgumentError);
}

TEST(TensorTest, CopiesShareAndClonesDoNot) {
  Tensor tensor = counting_up({2});
  const Tensor copy = tensor;
  const Tensor clone = tensor.clone();
  tensor.mutable_values<float>()[0] = 9;
  EXPECT_THAT(values_of(copy), ElementsAre(9, 1));
  EXPECT_THAT(values_of(clone), ElementsAre(0, 1));
  EXPECT_FALSE(clone.shares_memory(tensor));
}

TEST(TensorTest, SurvivesAssignmentToItself) {
  int released = 0;
  float memory = 3;
  Tensor tensor = Tensor::wrap(&memory, DType::kFloat32, {1}, [&] { ++released; });
  Tensor& same = tensor;
  tensor = same;
  tensor = std::move(same);
  EXPECT_EQ(released, 0);
  EXPECT_EQ(tensor.values<float>()[0], 3);
  tensor = tensor.slice(0, 1);
  EXPECT_EQ(released, 0);
  tensor = Tensor();
  EXPECT_EQ(released, 1);
}

TEST(TensorTest, MovingLeavesNoTensorAndAssigningLetsGo) {
  int released = 0;
  float memory = 3;
  Tensor first = Tensor::wrap(&memory, DType::kFloat32, {1}, [&] { ++released; });
  Tensor second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT: what is left is part of the contract
  EXPECT_EQ(first.dtype(), DType::kUndefined);
  EXPECT_EQ(first.shape(), Shape());
  Tensor third = counting_up({2});
  second = std::move(third);  // what second held goes now, not with third
  EXPECT_EQ(released, 1);
  EXPECT_FALSE(third);
  EXPECT_EQ(second.shape(), (Shape{2}));
}

TEST(TensorTest, KnowsWhoseBytesOverlap) {
  std::vector<float> memory(4);
  const Tensor all = Tensor::wrap(memory.data(), DType::kFloat32, {4});
  const Tensor front = Tensor::wrap(memory.data(), DType::kFloat32, {2});
  const Tensor back = Tensor::wrap(memory.data() + 2, DType::kFloat32, {2});
  EXPECT_TRUE(all.shares_memory(back));
  EXPECT_TRUE(back.shares_memory(all));
  EXPECT_FALSE(front.shares_memory(back));
  EXPECT_FALSE(all.shares_memory(all.slice(1, 1)));
  EXPECT_FALSE(Tensor().shares_memory(Tensor()));
  const Tensor elsewhere =
      Tensor::wrap(memory.data(), DType::kFloat32, {4}, nullptr, {DeviceType::kCuda, 0});
  EXPECT_FALSE(all.shares_memory(elsewhere));
}

}  // namespace
}  // namespace xpuruntime
