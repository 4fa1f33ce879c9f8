// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/memory_pool.h"

#include <gtest/gtest.h>

#include <latch>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::HasSubstr;

Tensor bytes(MemoryPool& pool, int64_t count) { return pool.allocate(DType::kUInt8, {count}); }

TEST(MemoryPoolTest, ReusesMemoryAtItsExactSizeOnly) {
  MemoryPool pool;
  const void* first = bytes(pool, 100).data();
  const Tensor other = bytes(pool, 101);
  EXPECT_NE(other.data(), first);
  const Tensor again = bytes(pool, 100);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(pool.statistics().allocations, 2U);
  EXPECT_EQ(pool.statistics().reuses, 1U);
}

TEST(MemoryPoolTest, CountsWhatIsUsedAndWhatIsKept) {
  MemoryPool pool;
  Tensor first = bytes(pool, 100);
  Tensor second = bytes(pool, 50);
  EXPECT_EQ(pool.statistics().in_use_bytes, 150U);
  EXPECT_EQ(pool.statistics().retained_bytes, 0U);
  first = Tensor();
  EXPECT_EQ(pool.statistics().in_use_bytes, 50U);
  EXPECT_EQ(pool.statistics().retained_bytes, 100U);
  first = bytes(pool, 100);
  second = Tensor();
  const MemoryStatistics now = pool.statistics();
  EXPECT_EQ(now.in_use_bytes, 100U);
  EXPECT_EQ(now.retained_bytes, 50U);
  EXPECT_EQ(now.peak_in_use_bytes, 150U);
}

TEST(MemoryPoolTest, IsAlignedAndReadableBehindItsEnd) {
  MemoryPool pool;
  for (const int64_t size : {0, 1, 64, 77}) {
    const Tensor tensor = bytes(pool, size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % MemoryPool::kAlignment, 0U);
    const auto* end = static_cast<const uint8_t*>(tensor.data()) + size;
    EXPECT_EQ(std::accumulate(end, end + 64, 0), 0);
  }
}

TEST(MemoryPoolTest, TrimGivesBackWhatIsKeptAndNothingElse) {
  MemoryPool pool;
  const Tensor used = bytes(pool, 10);
  bytes(pool, 20);
  bytes(pool, 30);
  EXPECT_EQ(pool.trim(), 50U);
  EXPECT_EQ(pool.statistics().retained_bytes, 0U);
  EXPECT_EQ(pool.statistics().in_use_bytes, 10U);
  EXPECT_EQ(pool.trim(), 0U);
  bytes(pool, 20);
  EXPECT_EQ(pool.statistics().reuses, 0U);
}

TEST(MemoryPoolTest, KeepsNoMoreThanItsLimitAndLetsTheLongestUnusedGo) {
  MemoryPool pool(100);
  bytes(pool, 40);
  bytes(pool, 50);
  bytes(pool, 40);  // used again: 50 is the one unused for longest now
  bytes(pool, 30);
  EXPECT_EQ(pool.statistics().retained_bytes, 70U);
  bytes(pool, 40);
  bytes(pool, 30);
  EXPECT_EQ(pool.statistics().allocations, 3U);
  bytes(pool, 50);
  EXPECT_EQ(pool.statistics().allocations, 4U);
}

TEST(MemoryPoolTest, LetsGoOfNoMoreThanItsLimitAsks) {
  MemoryPool pool(100);
  {
    const Tensor first = bytes(pool, 40);
    const Tensor second = bytes(pool, 40);
    const Tensor third = bytes(pool, 40);
  }
  EXPECT_EQ(pool.statistics().retained_bytes, 80U);
}

TEST(MemoryPoolTest, KeepsNothingLargerThanItsLimit) {
  MemoryPool pool(100);
  bytes(pool, 101);
  EXPECT_EQ(pool.statistics().retained_bytes, 0U);
  MemoryPool none(0);
  bytes(none, 1);
  EXPECT_EQ(none.statistics().retained_bytes, 0U);
}

TEST(MemoryPoolTest, IsOutlivedByItsTensors) {
  auto pool = std::make_unique<MemoryPool>();
  Tensor first = bytes(*pool, 8);
  const Tensor view = first.slice(0, 4);
  pool.reset();
  first.mutable_values<uint8_t>()[0] = 3;
  first = Tensor();
  EXPECT_EQ(view.values<uint8_t>()[0], 3);
}

TEST(MemoryPoolTest, TakesMemoryBackOnAnyThread) {
  MemoryPool pool;
  Tensor tensor = bytes(pool, 100);
  std::thread([last = std::move(tensor)]() mutable { last = Tensor(); }).join();
  EXPECT_EQ(pool.statistics().in_use_bytes, 0U);
  EXPECT_EQ(pool.statistics().retained_bytes, 100U);
}

TEST(MemoryPoolTest, RefusesWhatNoTensorIs) {
  MemoryPool pool;
  EXPECT_ERROR(pool.allocate(DType::kString, {1}), InvalidArgumentError, HasSubstr("string"));
  EXPECT_ERROR(pool.allocate(DType::kFloat32, {-1}), InvalidArgumentError, HasSubstr("negative"));
}

TEST(MemoryPoolTest, GoesOnAfterItCouldNotAllocate) {
  MemoryPool pool;
  EXPECT_THROW(bytes(pool, int64_t{1} << 60), OutOfMemoryError);
  EXPECT_THROW(bytes(pool, INT64_MAX), OutOfMemoryError);
  EXPECT_EQ(pool.statistics().in_use_bytes, 0U);
  EXPECT_EQ(pool.statistics().allocations, 0U);
  EXPECT_EQ(bytes(pool, 4).byte_size(), 4U);
}

TEST(MemoryPoolTest, ServesManyThreads) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 500;
  MemoryPool pool(1000);
  std::latch start(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&pool, &start, i] {
        start.arrive_and_wait();
        Tensor kept;
        for (int k = 0; k < kRounds; ++k) {
          Tensor tensor = bytes(pool, 100 + (k + i) % 5);
          const auto mark = static_cast<uint8_t>(i);
          for (uint8_t& value : tensor.mutable_values<uint8_t>()) value = mark;
          for (const uint8_t value : tensor.values<uint8_t>()) ASSERT_EQ(value, mark);
          kept = std::move(tensor);
          if (k % 100 == 0) pool.trim();
        }
      });
    }
  }
  const MemoryStatistics after = pool.statistics();
  EXPECT_EQ(after.in_use_bytes, 0U);
  EXPECT_LE(after.retained_bytes, 1000U);
  EXPECT_EQ(after.allocations + after.reuses, uint64_t{kThreads} * kRounds);
}

}  // namespace
}  // namespace xpuruntime
