// SPDX-License-Identifier: Apache-2.0
#include "core/timer.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "manual_clock.h"

namespace xpuruntime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(TimerTest, CallsInOrderOfTime) {
  ManualClock clock;
  Timer timer(clock);
  std::vector<int> order;
  std::promise<void> last;
  timer.at(clock.now() + 3s, [&] {
    order.push_back(3);
    last.set_value();
  });
  timer.at(clock.now() + 1s, [&] { order.push_back(1); });
  timer.at(clock.now() + 2s, [&] { order.push_back(2); });
  clock.advance(3s);
  last.get_future().wait();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(TimerTest, CallsNothingBeforeItsTimeAndNothingThatWasCancelled) {
  ManualClock clock;
  Timer timer(clock);
  std::vector<int> order;
  std::promise<void> last;
  const Timer::Id gone = timer.at(clock.now() + 1s, [&] { order.push_back(1); });
  timer.at(clock.now() + 1h, [&] { order.push_back(2); });
  timer.at(clock.now() + 2s, [&] { last.set_value(); });
  timer.cancel(gone);
  timer.cancel(gone);
  timer.cancel(0);
  clock.advance(2s);
  last.get_future().wait();
  EXPECT_TRUE(order.empty());
}

TEST(TimerTest, CallsAtOnceWhatIsLateAlready) {
  Timer timer(Clock::steady());
  std::promise<void> called;
  timer.at(TimePoint(), [&] { called.set_value(); });
  called.get_future().wait();
}

TEST(TimerTest, MayBeDestroyedInsideACall) {
  auto timer = std::make_unique<Timer>(Clock::steady());
  std::promise<void> gone;
  std::promise<void> begin;
  timer->at(TimePoint(), [&] {
    begin.get_future().wait();
    timer.reset();
    gone.set_value();
  });
  begin.set_value();
  gone.get_future().wait();
}

TEST(TimerTest, ATimeoutWithoutEndIsTheLastTimeThereIs) {
  EXPECT_EQ(after(std::chrono::steady_clock::now(), std::chrono::nanoseconds::max()),
            TimePoint::max());
}

}  // namespace
}  // namespace xpuruntime
