// SPDX-License-Identifier: Apache-2.0
#include "worker/python_program.h"

#include <gmock/gmock.h>

#include "unit/temporary_folder.h"
#include "worker/error.h"

namespace xpuruntime::worker {
namespace {

std::string refusal(const std::string& executable, const std::filesystem::path& libraries) {
  try {
    python_command(executable, libraries);
  } catch (const NotInstalled& error) {
    return error.what();
  }
  return "it was found";
}

TEST(PythonProgramTest, FindsTheWorkerInBuildsInstallsAndWheels) {
  const TemporaryFolder folder;
  for (const std::string place : {"build/lib/xpuruntime/worker", "wheel/worker"}) {
    folder.write(place + "/__main__.py", "");
    const std::string libraries = place.substr(0, place.find('/')) + "/lib";
    const auto command = python_command("/bin/sh", folder / libraries);
    ASSERT_EQ(command.size(), 2u);
    EXPECT_EQ(command[0], "/bin/sh");
    EXPECT_EQ(command[1], folder / place);
  }
}

TEST(PythonProgramTest, LooksForANameOnThePath) {
  const TemporaryFolder folder;
  folder.write("lib/xpuruntime/worker/__main__.py", "");
  EXPECT_THAT(python_command("sh", folder / "lib")[0], ::testing::EndsWith("/sh"));
}

TEST(PythonProgramTest, SaysWhatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT(refusal("no-such-python", folder / "lib"),
              ::testing::HasSubstr("there is no Python 'no-such-python'; name one by"));
  EXPECT_THAT(refusal("/no/such/python", folder / "lib"), ::testing::HasSubstr("/no/such/python"));
  EXPECT_THAT(refusal("/bin/sh", folder / "lib"),
              ::testing::HasSubstr((folder / "lib/xpuruntime/worker").string()));
}

}  // namespace
}  // namespace xpuruntime::worker
