// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/engine/run_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace xpuruntime::engine {
namespace {

TEST(RunGateTest, LetsACancelThroughToItsRunAlone) {
  RunGate gate;
  int stops = 0;
  const auto stop = [&] { ++stops; };
  gate.cancel(1, stop);  // before
  gate.begin(1);
  gate.cancel(2, stop);  // another
  EXPECT_EQ(stops, 0);
  gate.cancel(1, stop);
  EXPECT_EQ(stops, 1);
  EXPECT_TRUE(gate.end());
  gate.cancel(1, stop);  // after
  gate.begin(2);
  gate.cancel(1, stop);
  EXPECT_FALSE(gate.end());
  EXPECT_EQ(stops, 1);
}

TEST(RunGateTest, StopsAgainWhenTheCancelIsSaidAgain) {
  RunGate gate;
  int stops = 0;
  gate.begin(0);
  for (int i = 0; i < 3; ++i) gate.cancel(0, [&] { ++stops; });
  EXPECT_TRUE(gate.end());
  EXPECT_EQ(stops, 3);
}

TEST(RunGateTest, StopsNothingThatHasEnded) {
  RunGate gate;
  std::atomic<uint64_t> goes_on = UINT64_MAX;  // the run that may be stopped
  std::atomic<int> wrong = 0;
  std::atomic<bool> is_over = false;
  std::atomic<uint64_t> last = 0;
  std::thread canceller([&] {
    while (!is_over) {
      const uint64_t id = last;
      gate.cancel(id, [&] { wrong += goes_on != id ? 1 : 0; });
    }
  });
  for (uint64_t id = 0; id < 20'000; ++id) {
    goes_on = id;
    gate.begin(id);
    last = id;
    gate.end();
    goes_on = UINT64_MAX;
  }
  is_over = true;
  canceller.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace xpuruntime::engine
