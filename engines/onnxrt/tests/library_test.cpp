// SPDX-License-Identifier: Apache-2.0
/// What is said when ONNX Runtime is not there. A failure is not kept, so these tests can share a
/// process, in which the library is never opened.
#include "library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "locate.h"
#include "support.h"

namespace xpuruntime::onnxrt {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

struct LibraryTest : testing::Test {
  LibraryTest() { fs::create_directories(folder); }
  ~LibraryTest() override {
    fs::remove_all(folder);
    unsetenv("XPURT_ONNXRUNTIME_LIBRARY");
    unsetenv("VIRTUAL_ENV");
  }
  /// What the engine says of itself with that library.
  conformance::Outcome describe(const std::string& library) {
    setenv("XPURT_ONNXRUNTIME_LIBRARY", library.c_str(), 1);
    const xpurt_engine_info* info = nullptr;
    conformance::Error error;
    const xpurt_engine* const engine = plugin().engine();
    return error.outcome(engine->describe(engine->self, &info, error.get()));
  }
  void touch(const fs::path& file) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "no library";
  }
  const fs::path folder =
      fs::path(testing::TempDir()) / ("xpurt_library_" + std::to_string(getpid()));
};

TEST_F(LibraryTest, NamesTheFileThatIsMissingAndTheWayOut) {
  const auto outcome = describe("/no/such/libonnxruntime.so");
  EXPECT_EQ(outcome.code, XPURT_ENGINE_NOT_INSTALLED);
  EXPECT_THAT(outcome.text,
              AllOf(HasSubstr("/no/such/libonnxruntime.so"), HasSubstr("XPURT_ONNXRUNTIME_LIBRARY"),
                    HasSubstr("no such file"), HasSubstr("pip install onnxruntime")));
}

TEST_F(LibraryTest, RefusesAFileThatIsNoLibrary) {
  touch(folder / "text.so");
  EXPECT_EQ(describe(folder / "text.so").code, XPURT_ENGINE_NOT_INSTALLED);
}

TEST_F(LibraryTest, RefusesALibraryThatIsNotOnnxRuntime) {
  const auto outcome = describe(XPURT_ONNXRT_PLUGIN);
  EXPECT_EQ(outcome.code, XPURT_ENGINE_NOT_INSTALLED);
  EXPECT_THAT(outcome.text, HasSubstr("it is not ONNX Runtime"));
}

TEST_F(LibraryTest, NamesBothVersionsWhenTheLibraryIsTooOld) {
  const auto outcome = describe(XPURT_ONNXRT_OLD_LIBRARY);
  EXPECT_EQ(outcome.code, XPURT_ENGINE_NOT_INSTALLED);
  EXPECT_THAT(outcome.text,
              AllOf(HasSubstr("ONNX Runtime 1.12.3"),
                    HasSubstr("needs 1." + std::to_string(ORT_API_VERSION) + " or newer")));
}

TEST_F(LibraryTest, TakesTheNewestOfAFolderByNumber) {
  EXPECT_TRUE(newest_library(folder).empty());
  for (const char* name : {"libonnxruntime.so.1.9.0", "libonnxruntime.so.1.31.1",
                           "libonnxruntime.so.1.4.12", "libonnxruntime_providers_shared.so"}) {
    touch(folder / name);
  }
  EXPECT_EQ(newest_library(folder).filename(), "libonnxruntime.so.1.31.1");
}

TEST_F(LibraryTest, TriesNothingElseThanTheFileThatTheUserNamed) {
  setenv("XPURT_ONNXRUNTIME_LIBRARY", "named.so", 1);
  std::vector<std::string> empty;
  const auto candidates = library_candidates(empty);
  ASSERT_EQ(candidates.size(), 1U);
  EXPECT_EQ(candidates[0].name, fs::absolute("named.so"));
}

TEST_F(LibraryTest, LooksIntoTheActiveEnvironmentBeforeTheSystem) {
  const fs::path file =
      folder / "lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.30.0";
  touch(file);
  setenv("VIRTUAL_ENV", folder.c_str(), 1);
  std::vector<std::string> empty;
  const auto candidates = library_candidates(empty);
  ASSERT_GE(candidates.size(), 3U);
  EXPECT_EQ(candidates[candidates.size() - 3].name, file);
  EXPECT_EQ(candidates[candidates.size() - 2].name, "libonnxruntime.so.1");
}

}  // namespace
}  // namespace xpuruntime::onnxrt
