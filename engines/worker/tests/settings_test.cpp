// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <gtest/gtest.h>

namespace xpuruntime::worker_engine {
namespace {

/// What is read when the option is given.
Settings with(const char* name, const char* value) {
  const xpurt_key_value option{sizeof(xpurt_key_value), name, value};
  const xpurt_key_value* const options[] = {&option};
  xpurt_load_args args{};
  args.struct_size = sizeof(args);
  args.options = options;
  args.option_count = 1;
  return read_settings(engine::LoadArgs(args));
}

TEST(SettingsTest, HaveDefaultsThatCanBeRead) {
  const Settings settings = default_settings();
  EXPECT_EQ(settings.transport, worker::Transport::kSharedMemory);
  EXPECT_EQ(settings.run_timeout, std::chrono::seconds(600));
  EXPECT_TRUE(settings.cpus.empty());
  for (const engine::OptionSpec& spec : setting_specs()) {
    EXPECT_TRUE(spec.name.starts_with(kPrefix)) << spec.name;
    EXPECT_FALSE(spec.doc.empty()) << spec.name;
  }
}

TEST(SettingsTest, ReadProcessors) {
  EXPECT_EQ(with("worker.cpus", "0-2,5").cpus, (std::vector<int>{0, 1, 2, 5}));
  EXPECT_EQ(with("worker.cpus", "7").cpus, std::vector<int>{7});
  for (const char* wrong : {"3-1", "-1", "a", "1,,2", "0-99999", "1-"}) {
    EXPECT_THROW(with("worker.cpus", wrong), engine::Failure) << wrong;
  }
}

TEST(SettingsTest, ReadTimesAndAmounts) {
  EXPECT_EQ(with("worker.run_timeout", "0.5").run_timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(with("worker.memory_limit", "1000").memory_limit, 1000u);
  for (const char* wrong : {"0", "-1", "nan", "inf", "1e300", "soon", ""}) {
    EXPECT_THROW(with("worker.run_timeout", wrong), engine::Failure) << wrong;
  }
  EXPECT_THROW(with("worker.memory_limit", "-1"), engine::Failure);
}

}  // namespace
}  // namespace xpuruntime::worker_engine
