// SPDX-License-Identifier: Apache-2.0
/// What is said when torch is not there. Each test is a process of its own, in which torch is never
/// opened.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "conformance_host.h"
#include "runtime_package/runtime_package.h"

namespace xpuruntime::torch_engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

struct TorchLibraryTest : testing::Test {
  TorchLibraryTest() { fs::create_directories(folder / "lib"); }
  ~TorchLibraryTest() override {
    fs::remove_all(folder);
    unsetenv("XPURT_TORCH_PACKAGE");
  }
  /// What the plug-in says with that package named.
  static std::string refusal(const fs::path& package) {
    setenv("XPURT_TORCH_PACKAGE", package.c_str(), 1);
    const auto plugin = conformance::Plugin::open(XPURT_TORCH_PLUGIN);
    EXPECT_STREQ(plugin.version()->name, "torch");
    const xpurt_engine_info* info = nullptr;
    conformance::Error error;
    const xpurt_engine* const engine = plugin.engine();
    const auto outcome = error.outcome(engine->describe(engine->self, &info, error.get()));
    EXPECT_EQ(outcome.code, XPURT_ENGINE_NOT_INSTALLED);
    return outcome.text;
  }
  void write(const char* file, const std::string& text) const {
    std::ofstream(folder / file) << text;
  }
  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_torch_library_" + std::to_string(getpid()));
};

TEST_F(TorchLibraryTest, NamesThePackageThatIsMissingAndTheWayOut) {
  EXPECT_THAT(refusal("/no/such/torch"),
              AllOf(HasSubstr("/no/such/torch"), HasSubstr("there is no such package"),
                    HasSubstr("pip install torch==" XPURT_TORCH_VERSION),
                    HasSubstr("XPURT_TORCH_PACKAGE")));
}

TEST_F(TorchLibraryTest, NamesBothVersionsWhenTheyDiffer) {
  write("version.py", "__version__ = '2.0.1+cu118'\n");
  EXPECT_THAT(refusal(folder), AllOf(HasSubstr("it is torch 2.0.1"),
                                     HasSubstr("was built with " XPURT_TORCH_VERSION)));
}

TEST_F(TorchLibraryTest, NamesALibraryThatCannotBeOpened) {
  write("version.py", "__version__ = '" XPURT_TORCH_VERSION "'\n");
  write("lib/libc10.so", "no library");
  EXPECT_THAT(refusal(folder), HasSubstr("libc10.so"));
}

TEST_F(TorchLibraryTest, ReadsAVersionWithoutWhatItWasBuiltFor) {
  EXPECT_EQ(engine::package_version(folder), "");
  write("version.py", "from typing import Optional\n__version__ = \"1.5.1+cpu\"\ndebug = False\n");
  EXPECT_EQ(engine::package_version(folder), "1.5.1");
  write("version.py", "__version__\n");
  EXPECT_EQ(engine::package_version(folder), "");
}

}  // namespace
}  // namespace xpuruntime::torch_engine
