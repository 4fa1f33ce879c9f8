// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/engine_registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "core/host.h"
#include "expect_error.h"
#include "fake_session.h"
#include "unit/temporary_folder.h"

namespace xpuruntime {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const std::filesystem::path kTestEngines(XPURT_TEST_ENGINE_DIR);

EngineRegistry& registry() { return EngineRegistry::instance(); }

/// Sets XPURT_ENGINE_PATH for one test.
class EnginePath {
 public:
  explicit EnginePath(const std::string& value) {
    if (const char* before = std::getenv("XPURT_ENGINE_PATH")) before_ = before;
    setenv("XPURT_ENGINE_PATH", value.c_str(), 1);
  }
  EnginePath(const EnginePath&) = delete;
  EnginePath& operator=(const EnginePath&) = delete;
  ~EnginePath() {
    before_ ? setenv("XPURT_ENGINE_PATH", before_->c_str(), 1) : unsetenv("XPURT_ENGINE_PATH");
  }

 private:
  std::optional<std::string> before_;
};

std::string file_of(const std::string& engine) { return "libxpuruntime_engine_" + engine + ".so"; }

/// A folder with the fake engine's plug-in under another name.
void put_plugin(const TemporaryFolder& folder, const std::string& engine) {
  std::filesystem::copy_file(kTestEngines / file_of("fake"), folder / file_of(engine),
                             std::filesystem::copy_options::overwrite_existing);
}

const EngineStatus* find(const std::vector<EngineStatus>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &EngineStatus::name);
  return found == all.end() ? nullptr : &*found;
}

TEST(EngineRegistryTest, IsOneInTheProcess) {
  EXPECT_EQ(&EngineRegistry::instance(), &EngineRegistry::instance());
}

TEST(EngineRegistryTest, GivesTheEngineThatWasRegistered) {
  const auto engine = registry().create_engine(fake_engine());
  EXPECT_EQ(engine->status().name, "fake");
  EXPECT_EQ(engine->status().version, "1.0");
  EXPECT_EQ(engine->status().path, "");
  EXPECT_EQ(registry().create_engine("fake"), engine);
  EXPECT_THAT(registry().available_engines(), Contains("fake"));
}

TEST(EngineRegistryTest, RefusesANameTwice) {
  fake_engine();
  EXPECT_ERROR(registry().register_engine("fake", engine::plugin<fake::FakeEngine>()),
               InvalidArgumentError, "engine 'fake' is registered or loaded already");
}

TEST(EngineRegistryTest, RefusesWhatIsNoName) {
  for (const char* name : {"", "a b", "a/b", "a@cpu", "a.so", "..", "a:b", "\xc3\xa9"}) {
    EXPECT_ERROR(registry().register_engine(name, engine::plugin<fake::FakeEngine>()),
                 InvalidArgumentError, HasSubstr("cannot be the name of an engine"));
  }
  EXPECT_ERROR(registry().register_engine("nothing", nullptr), InvalidArgumentError,
               HasSubstr("give a factory"));
}

TEST(EngineRegistryTest, AnUnknownNameNamesTheKnownOnes) {
  fake_engine();
  EXPECT_ERROR(registry().create_engine("onxrt"), UnsupportedOperationError,
               HasSubstr("unknown engine 'onxrt'; known engines: "), HasSubstr("fake"),
               HasSubstr("onnxrt, openvino, reference"), HasSubstr("did you mean 'onnxrt'?"));
  EXPECT_THROW(registry().create_engine(""), UnsupportedOperationError);
}

TEST(EngineRegistryTest, ANameThatWasUnknownMayBeRegisteredLater) {
  EXPECT_THROW(registry().create_engine("later"), UnsupportedOperationError);
  registry().register_engine("later", engine::plugin<fake::FakeEngine>());
  EXPECT_EQ(registry().create_engine("later")->status().name, "later");
}

// In a process of its own: whoever asks first decides what failure is kept.
TEST(EngineRegistryDeathTest, AnEngineThatWasNotBuiltSaysWhereItWasLookedFor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const EnginePath path("/nowhere/one:/nowhere/two");
        try {
          registry().create_engine("reference");
        } catch (const EngineNotInstalledError& error) {
          std::cerr << error.what() << '\n';
          std::exit(0);
        }
        std::exit(1);
      },
      ::testing::ExitedWithCode(0),
      ::testing::AllOf(HasSubstr("engine reference was not built or not installed; tried:"),
                       HasSubstr("\n  /nowhere/one/" + file_of("reference") + "\n  /nowhere/two/" +
                                 file_of("reference") + "\n"),
                       HasSubstr("/xpuruntime/engines/" + file_of("reference"))));
}

TEST(EngineRegistryTest, FindsPlugInsInTheFoldersOfXpurtEnginePath) {
  const TemporaryFolder folder;
  put_plugin(folder, "copied");
  const EnginePath path("/nowhere:" + folder.path().string());
  const auto engine = registry().create_engine("copied");
  EXPECT_EQ(engine->status().name, "copied");
  EXPECT_EQ(engine->status().path, (folder / file_of("copied")).string());
  const auto all = registry().engine_status();
  ASSERT_NE(find(all, "copied"), nullptr);
  EXPECT_TRUE(find(all, "copied")->available);
  const InferenceSession session(bytes_of(kScale), {.engine = "copied"});
  EXPECT_EQ(session.report().engine_path, engine->status().path);
  session.warm_up();
}

TEST(EngineRegistryTest, TheFirstFolderOfXpurtEnginePathWins) {
  const TemporaryFolder first;
  const TemporaryFolder second;
  put_plugin(first, "twice");
  put_plugin(second, "twice");
  const EnginePath path(first.path().string() + ":" + second.path().string());
  EXPECT_EQ(registry().create_engine("twice")->status().path, (first / file_of("twice")).string());
}

TEST(EngineRegistryTest, LoadsAPlugInByItsPath) {
  const auto file = kTestEngines / file_of("fake");
  const auto engine = registry().create_engine(file.string());
  EXPECT_EQ(engine->status().name, "fake");
  EXPECT_EQ(engine->status().path, file.string());
  const InferenceSession session(bytes_of(kScale), {.engine = file.string()});
  EXPECT_EQ(session.report().engine, "fake");
  session.warm_up();
  EXPECT_ERROR(registry().create_engine("/nowhere/engine.so"), UnavailableError,
               HasSubstr("cannot use plug-in /nowhere/engine.so: "));
}

TEST(EngineRegistryTest, RunsAnEngineOfAnEarlierMinorVersion) {
  const EnginePath path(kTestEngines.string());
  const InferenceSession session(bytes_of("old"), {.engine = "old"});
  EXPECT_EQ(session.report().engine_version, "0.9");
  const Tensor y = session.run({{"x", Tensor::from({1.0F, 2.0F, 3.0F}, {3})}})[0];
  EXPECT_EQ(y.shape(), (Shape{3}));
  EXPECT_EQ(y.values<float>()[2], 6);
}

TEST(EngineRegistryTest, RefusesPlugInsThatCannotBeUsedAndSaysWhy) {
  const EnginePath path(kTestEngines.string());
  const auto create = [](const char* name) { registry().create_engine(name); };
  const auto at = [](const char* name) { return (kTestEngines / file_of(name)).string(); };
  EXPECT_ERROR(create("other_major"), UnavailableError,
               "cannot use plug-in " + at("other_major") +
                   ": it speaks ABI 99.0, and this xpuruntime speaks ABI " +
                   std::to_string(XPURT_ABI_MAJOR) + "." + std::to_string(XPURT_ABI_MINOR) +
                   "; build the engine against this version");
  EXPECT_ERROR(create("not_a_plugin"), UnavailableError,
               HasSubstr("cannot use plug-in " + at("not_a_plugin")),
               HasSubstr("it is not an xpuruntime engine"));
  EXPECT_ERROR(create("text"), UnavailableError, HasSubstr("cannot use plug-in " + at("text")));
  EXPECT_ERROR(create("missing_slot"), UnavailableError,
               "the engine's table lacks the required slot context_run (engine missing_slot, " +
                   at("missing_slot") + ")");
  EXPECT_ERROR(create("lying_size"), UnavailableError, HasSubstr("required slot model_load"));
  EXPECT_ERROR(InferenceSession(bytes_of("x"), {.engine = "other_major"}), UnavailableError,
               HasSubstr("it speaks ABI 99.0"));
}

TEST(EngineRegistryTest, NeverLooksInTheCurrentFolder) {
  const TemporaryFolder folder;
  put_plugin(folder, "here");
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::copy_file(folder / file_of("here"), folder / ("sub/" + file_of("here")));
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* value : {"", ":", ".", "./", "::.", "sub", "sub/../.", "nowhere:sub:"}) {
    const EnginePath path(value);
    EXPECT_THROW(registry().create_engine("here"), UnsupportedOperationError) << value;
    EXPECT_EQ(find(registry().engine_status(), "here"), nullptr) << value;
  }
  std::filesystem::current_path(before);
}

TEST(EngineRegistryTest, KeepsAFailure) {
  const TemporaryFolder folder;
  folder.write(file_of("broken"), "not a library\n");
  const EnginePath path(folder.path().string());
  std::string first;
  try {
    registry().create_engine("broken");
  } catch (const UnavailableError& error) {
    first = error.what();
  }
  EXPECT_THAT(first, HasSubstr("cannot use plug-in " + (folder / file_of("broken")).string()));
  put_plugin(folder, "broken");
  EXPECT_ERROR(registry().create_engine("broken"), UnavailableError, first);
  EXPECT_THROW(registry().register_engine("broken", engine::plugin<fake::FakeEngine>()),
               InvalidArgumentError);
  const auto all = registry().engine_status();
  ASSERT_NE(find(all, "broken"), nullptr);
  EXPECT_FALSE(find(all, "broken")->available);
  EXPECT_EQ(find(all, "broken")->reason, first);
  EXPECT_EQ(find(all, "broken")->path, (folder / file_of("broken")).string());
  EXPECT_THAT(registry().available_engines(), Not(Contains("broken")));
}

TEST(EngineRegistryTest, TellsOfEveryKnownEngine) {
  fake_engine();
  const auto all = registry().engine_status();
  for (const char* name : {"executorch", "fake", "onnxrt", "openvino", "reference", "torch"}) {
    ASSERT_NE(find(all, name), nullptr) << name;
  }
  const EngineStatus& status = *find(all, "fake");
  EXPECT_TRUE(status.available);
  EXPECT_EQ(status.reason, "");
  EXPECT_EQ(status.formats, std::vector<std::string>{"fake"});
  EXPECT_EQ(status.devices.size(), 3U);
  EXPECT_EQ(status.options.size(), 5U);
  EXPECT_FALSE(find(all, "onnxrt")->available);
  EXPECT_THAT(find(all, "onnxrt")->reason, HasSubstr("was not built or not installed"));
  for (const char* name : {"executorch", "torch"}) {
    EXPECT_THAT(find(all, name)->reason, HasSubstr("make setup-torch build"));
  }
}

TEST(EngineRegistryTest, TellsOfEnginePythonUnlessOnlyThisProcessIsAskedFor) {
  EXPECT_EQ(find(registry().native_engine_status(), "python"), nullptr);
  const auto all = registry().engine_status("/no/such/python");
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &EngineStatus::name));
  const EngineStatus* const python = find(all, "python");
  ASSERT_NE(python, nullptr);
  EXPECT_FALSE(python->available);
  EXPECT_NE(python->reason, "");
  EXPECT_THAT(registry().available_engines("/no/such/python"), Not(Contains("python")));
}

TEST(EngineRegistryTest, AnEngineThatFailsAsUnsupportedIsKnownAllTheSame) {
  static const xpurt_engine table = [] {
    xpurt_engine made = *static_cast<const xpurt_engine*>(
        engine::plugin<fake::FakeEngine>()("engine", XPURT_ABI_MAJOR, host_table()));
    made.describe = [](void*, const xpurt_engine_info**, xpurt_error* error) {
      return record(error, XPURT_UNSUPPORTED_OPERATION, "this processor is too old");
    };
    return made;
  }();
  registry().register_engine("aged",
                             [](const char* name, uint32_t, const xpurt_host*) -> const void* {
                               return std::string_view(name) == "engine" ? &table : nullptr;
                             });
  EXPECT_ERROR(registry().create_engine("aged"), UnsupportedOperationError,
               "this processor is too old (engine aged)");
  const auto all = registry().engine_status();
  ASSERT_NE(find(all, "aged"), nullptr);
  EXPECT_EQ(find(all, "aged")->reason, "this processor is too old (engine aged)");
}

TEST(EngineRegistryTest, ServesManyThreads) {
  fake_engine();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 50; ++k) {
        EXPECT_EQ(registry().create_engine("fake")->status().name, "fake");
        EXPECT_THROW(registry().create_engine("onnxrt"), EngineNotInstalledError);
        EXPECT_FALSE(registry().engine_status().empty());
      }
    });
  }
}

}  // namespace
}  // namespace xpuruntime
