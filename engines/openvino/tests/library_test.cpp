// SPDX-License-Identifier: Apache-2.0
/// What is said when OpenVINO is not there. A failure is not kept, so these tests can share a
/// process, in which OpenVINO is never opened.
#include "library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "conformance_host.h"
#include "locate.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::openvino {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

struct LibraryTest : testing::Test {
  LibraryTest() {
    fs::create_directories(folder);
    engine::host = conformance::host();
  }
  ~LibraryTest() override {
    fs::remove_all(folder);
    unsetenv("XPURT_OPENVINO_LIBRARY");
    unsetenv("VIRTUAL_ENV");
  }
  /// What opening says, with that library named.
  static std::string refusal(const std::string& library) {
    setenv("XPURT_OPENVINO_LIBRARY", library.c_str(), 1);
    try {
      open_engine(fs::path(XPURT_OPENVINO_PLUGIN).parent_path());
      return "it was opened";
    } catch (const engine::Failure& failure) {
      EXPECT_EQ(failure.code, XPURT_ENGINE_NOT_INSTALLED);
      return failure.what();
    }
  }
  void touch(const fs::path& file) const {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "no library";
  }
  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_openvino_" + std::to_string(getpid()));
};

TEST_F(LibraryTest, NamesTheFileThatIsMissingAndTheWayOut) {
  EXPECT_THAT(
      refusal("/no/such/libopenvino.so"),
      AllOf(HasSubstr("/no/such/libopenvino.so"), HasSubstr("XPURT_OPENVINO_LIBRARY"),
            HasSubstr("no such file"), HasSubstr("pip install openvino==" XPURT_OPENVINO_VERSION)));
}

TEST_F(LibraryTest, RefusesAFileThatIsNoLibrary) {
  touch(folder / "text.so");
  EXPECT_THAT(refusal(folder / "text.so"), HasSubstr("text.so"));
}

TEST_F(LibraryTest, RefusesALibraryThatIsNotOpenVino) {
  EXPECT_THAT(refusal(XPURT_OPENVINO_PLUGIN), HasSubstr("it is not OpenVINO"));
}

TEST_F(LibraryTest, NamesBothVersionsWhenTheyDiffer) {
  EXPECT_THAT(refusal(XPURT_OPENVINO_OLD_LIBRARY),
              AllOf(HasSubstr("it is OpenVINO 2023.1.2"),
                    HasSubstr("was built with " XPURT_OPENVINO_VERSION)));
}

TEST_F(LibraryTest, ThePlugInSaysTheSameAndIsAnEngineAllTheSame) {
  setenv("XPURT_OPENVINO_LIBRARY", "/no/such/libopenvino.so", 1);
  const conformance::Plugin plugin = conformance::Plugin::open(XPURT_OPENVINO_PLUGIN);
  EXPECT_STREQ(plugin.version()->name, "openvino");
  const xpurt_engine_info* info = nullptr;
  conformance::Error error;
  const xpurt_engine* const engine = plugin.engine();
  const auto outcome = error.outcome(engine->describe(engine->self, &info, error.get()));
  EXPECT_EQ(outcome.code, XPURT_ENGINE_NOT_INSTALLED);
  EXPECT_THAT(outcome.text, HasSubstr("pip install openvino"));
}

TEST_F(LibraryTest, TakesTheVersionThatItWasBuiltWith) {
  EXPECT_TRUE(library_in(folder, XPURT_OPENVINO_LIBRARY_NAME).empty());
  touch(folder / "libopenvino.so.9999");
  EXPECT_EQ(library_in(folder, XPURT_OPENVINO_LIBRARY_NAME).filename(), "libopenvino.so.9999");
  touch(folder / XPURT_OPENVINO_LIBRARY_NAME);
  touch(folder / "libopenvino_c.so.9999");
  EXPECT_EQ(library_in(folder, XPURT_OPENVINO_LIBRARY_NAME).filename(),
            XPURT_OPENVINO_LIBRARY_NAME);
}

TEST_F(LibraryTest, TriesNothingElseThanTheFileThatTheUserNamed) {
  setenv("XPURT_OPENVINO_LIBRARY", "named.so", 1);
  std::vector<std::string> empty;
  const auto candidates = library_candidates({}, empty);
  ASSERT_EQ(candidates.size(), 1U);
  EXPECT_EQ(candidates[0].name, fs::absolute("named.so"));
}

TEST_F(LibraryTest, LooksIntoTheActiveEnvironmentBeforeTheSystem) {
  const fs::path file = folder / "lib/python3.11/site-packages/openvino/libs/libopenvino.so.1";
  touch(file);
  setenv("VIRTUAL_ENV", folder.c_str(), 1);
  std::vector<std::string> empty;
  const auto candidates = library_candidates({}, empty);
  ASSERT_GE(candidates.size(), 2U);
  EXPECT_EQ(candidates[candidates.size() - 2].name, file);
  EXPECT_EQ(candidates.back().name, XPURT_OPENVINO_LIBRARY_NAME);
}

}  // namespace
}  // namespace xpuruntime::openvino
