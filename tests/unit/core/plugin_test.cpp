// SPDX-License-Identifier: Apache-2.0
#include "core/plugin.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/abi_read.h"
#include "core/host.h"
#include "expect_error.h"
#include "unit/temporary_folder.h"

namespace xpuruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::filesystem::path kTestEngines(XPURT_TEST_ENGINE_DIR);

TEST(PluginTest, OpensAPlugIn) {
  const xpurt_plugin_query_fn query = open_plugin(kTestEngines / plugin_file_name("fake"));
  const auto* version = static_cast<const xpurt_plugin_version*>(query("version", 1, host_table()));
  ASSERT_NE(version, nullptr);
  EXPECT_STREQ(version->name, "fake");
  EXPECT_EQ(query("engine", XPURT_ABI_MAJOR + 1, host_table()), nullptr);
  EXPECT_EQ(query("nonesuch", XPURT_ABI_MAJOR, host_table()), nullptr);
}

TEST(PluginTest, RefusesAFileThatIsNoLibrary) {
  const TemporaryFolder folder;
  const auto text =
      folder.write("text.so", "once upon a time there was a text that was no library");
  EXPECT_ERROR(open_plugin(text), UnavailableError,
               HasSubstr("cannot use plug-in " + text.string() + ": "));
  EXPECT_ERROR(open_plugin(folder.write("empty.so", "")), UnavailableError, HasSubstr("empty.so"));
  EXPECT_ERROR(open_plugin(folder / "missing.so"), UnavailableError, HasSubstr("No such file"));
}

TEST(PluginTest, RefusesALibraryThatIsNoPlugIn) {
  Dl_info info{};
  double (*const of_libm)(double) = &std::cos;
  ASSERT_NE(dladdr(reinterpret_cast<const void*>(of_libm), &info), 0);
  EXPECT_ERROR(open_plugin(std::filesystem::canonical(info.dli_fname)), UnavailableError,
               HasSubstr("it is not an xpuruntime engine (no symbol xpurt_plugin_query)"));
}

TEST(PluginTest, ListsThePlugInsOfAFolder) {
  const TemporaryFolder folder;
  for (const char* name :
       {"libxpuruntime_engine_b.so", "libxpuruntime_engine_a.so", "libxpuruntime_engine_.so",
        "libother.so", "libxpuruntime_engine_c.txt", "libxpuruntime_engine_d.so.1"}) {
    folder.write(name, "");
  }
  EXPECT_THAT(plugins_in(folder.path()), ElementsAre("a", "b"));
  EXPECT_TRUE(plugins_in(folder / "missing").empty());
}

TEST(PluginTest, ReadsNoMoreOfAStructThanItsWriterKnew) {
  struct Grown {
    size_t struct_size;
    int32_t old_member;
    int32_t new_member;
  };
  const Grown full{sizeof(Grown), 1, 2};
  EXPECT_EQ(read_abi(&full).new_member, 2);
  const Grown old{offsetof(Grown, new_member), 1, 2};
  EXPECT_EQ(read_abi(&old).old_member, 1);
  EXPECT_EQ(read_abi(&old).new_member, 0);
  const Grown newer{4096, 1, 2};
  EXPECT_EQ(read_abi(&newer).new_member, 2);
  EXPECT_EQ(read_abi(static_cast<const Grown*>(nullptr)).struct_size, 0U);
}

}  // namespace
}  // namespace xpuruntime
