// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "core/host.h"
#include "fake_session.h"
#include "script_engine.h"

namespace xpuruntime {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;
using ::testing::Not;

// Each child is a process of its own, as the level is read once.
class LogDeathTest : public ::testing::Test {
 protected:
  LogDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  static void set_level(const char* level) {
    level != nullptr ? setenv("XPURT_LOG_LEVEL", level, 1) : unsetenv("XPURT_LOG_LEVEL");
  }
  [[noreturn]] static void run_and_exit(const char* level) {
    set_level(level);
    {
      const InferenceSession session = open_fake(kScale, {.engine_options = {{"headroom", "1"}}});
      const std::vector<Tensor> inputs{Tensor::from({1.0F, 2.0F}, {1, 2})};
      session.run(inputs);
      std::vector<Tensor> outputs{Tensor(DType::kFloat32, {4, 2})};
      session.run(inputs, outputs);
      const InferenceSession giving =
          open_fake("fake\ninput x float32 N 2\noutput y float32 N 2\ny = give x\nend\n");
      giving.run(inputs);
    }
    std::exit(0);
  }
};

TEST_F(LogDeathTest, IsQuietByDefault) {
  EXPECT_EXIT(run_and_exit(nullptr), ExitedWithCode(0), Eq(""));
}

TEST_F(LogDeathTest, ShowsTheDecisionOfEachOutputAtDebug) {
  EXPECT_EXIT(run_and_exit("debug"), ExitedWithCode(0),
              AllOf(HasSubstr("output 'y': [1,2] in memory of the session's pool"),
                    HasSubstr("output 'y': [1,2] in the memory that was bound"),
                    HasSubstr("output 'y': [1,2] in memory of the engine's, without a copy")));
}

TEST_F(LogDeathTest, SaysWhatWasOpenedAtInfo) {
  EXPECT_EXIT(run_and_exit("info"), ExitedWithCode(0),
              AllOf(HasSubstr("info [xpuruntime] opened <bytes> on fake 1.0 (cpu), "),
                    Not(HasSubstr("output 'y'"))));
}

TEST_F(LogDeathTest, ShowsWhyAChoiceWasNotBuilt) {
  EXPECT_EXIT(
      {
        set_level("debug");
        open_fake(kScale, {.device = "cuda:0", .fallback = {"fake@cpu"}});
        std::exit(0);
      },
      ExitedWithCode(0), HasSubstr("fake@cuda:0 cannot be used: "));
}

TEST_F(LogDeathTest, WarnsOfALevelThatIsNone) {
  EXPECT_EXIT(run_and_exit("loud"), ExitedWithCode(0),
              HasSubstr("XPURT_LOG_LEVEL='loud' is not a level: use trace, debug"));
}

TEST_F(LogDeathTest, IsSilentWhenOff) {
  EXPECT_EXIT(
      {
        set_level("off");
        host_table()->log(XPURT_LOG_ERROR, "some", "nobody hears");
        std::exit(host_table()->log_level() == XPURT_LOG_OFF ? 0 : 1);
      },
      ExitedWithCode(0), Eq(""));
}

TEST_F(LogDeathTest, EnginesLogThroughTheHost) {
  EXPECT_EXIT(
      {
        set_level("warn");
        const xpurt_host& host = *host_table();
        host.log(XPURT_LOG_INFO, "some", "not this");
        host.log(XPURT_LOG_WARNING, "some", "but this {}");
        std::exit(host.log_level() == XPURT_LOG_WARNING ? 0 : 1);
      },
      ExitedWithCode(0), AllOf(HasSubstr("some: but this {}"), Not(HasSubstr("not this"))));
}

TEST_F(LogDeathTest, TellsTheEnginesItsLevel) {
  const auto level = [](const char* name) {
    set_level(name);
    std::exit(host_table()->log_level());
  };
  EXPECT_EXIT(level("trace"), ExitedWithCode(XPURT_LOG_DEBUG), Eq(""));
  EXPECT_EXIT(level("info"), ExitedWithCode(XPURT_LOG_INFO), Eq(""));
  EXPECT_EXIT(level("error"), ExitedWithCode(XPURT_LOG_ERROR), Eq(""));
}

}  // namespace
}  // namespace xpuruntime
