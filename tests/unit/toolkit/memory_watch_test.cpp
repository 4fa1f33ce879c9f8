// SPDX-License-Identifier: Apache-2.0
#include "toolkit/memory_watch.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace xpuruntime::toolkit {
namespace {

constexpr size_t kLarge = size_t{64} << 20;

TEST(MemoryWatchTest, SeesMemoryThatIsKept) {
  MemoryWatch watch;
  const std::vector<char> memory(kLarge, 1);
  watch.look();
  EXPECT_GE(watch.growth(), kLarge * 9 / 10) << memory.size();
}

TEST(MemoryWatchTest, RemembersTheHighest) {
  MemoryWatch watch;
  {
    const std::vector<char> memory(kLarge, 1);
    watch.look();
    EXPECT_GT(memory.size(), 0U);
  }
  watch.look();
  EXPECT_GE(watch.growth(), kLarge * 9 / 10);
}

TEST(MemoryWatchTest, IsNeverBelowNothing) {
  MemoryWatch watch;
  watch.look();
  EXPECT_LT(watch.growth(), kLarge);
}

/// A child that holds `bytes` until it is told to end.
class HoldingChild {
 public:
  explicit HoldingChild(size_t bytes) {
    if (pipe(ready_) != 0 || pipe(end_) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) hold(bytes);
    char ready = 0;
    if (read(ready_[0], &ready, 1) != 1) throw std::runtime_error("the child is not ready");
  }
  ~HoldingChild() {
    close(end_[1]);
    waitpid(pid_, nullptr, 0);
    for (const int each : {ready_[0], ready_[1], end_[0]}) close(each);
  }

 private:
  [[noreturn]] void hold(size_t bytes) const {
    close(end_[1]);
    char told = 0;
    auto* const memory = static_cast<volatile char*>(malloc(bytes));
    if (memory == nullptr) _exit(1);
    for (size_t i = 0; i < bytes; i += 4096) memory[i] = 1;
    if (write(ready_[1], &told, 1) == 1) static_cast<void>(!read(end_[0], &told, 1));
    _exit(0);
  }

  int ready_[2] = {-1, -1};
  int end_[2] = {-1, -1};
  pid_t pid_ = -1;
};

TEST(MemoryWatchTest, SeesWhatAChildThatWasStartedSinceTakes) {
  const HoldingChild before(kLarge);
  MemoryWatch watch;
  watch.look();
  EXPECT_LT(watch.growth(), kLarge / 2) << "this child was there already";
  {
    const HoldingChild child(kLarge);
    watch.look();
  }
  watch.look();
  EXPECT_GE(watch.growth(), kLarge) << "the highest is remembered";
}

}  // namespace
}  // namespace xpuruntime::toolkit
