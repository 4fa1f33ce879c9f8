// SPDX-License-Identifier: Apache-2.0
#include "core/loaded_engine.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <string_view>

#include "core/host.h"
#include "core/thread_budget.h"
#include "expect_error.h"

namespace xpuruntime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The tables that the query function below gives out, made anew for each test.
xpurt_engine table;
xpurt_engine_info info;

const void* query(const char* name, uint32_t major, const xpurt_host*) {
  return std::string_view(name) == "engine" && major == XPURT_ABI_MAJOR ? &table : nullptr;
}

xpurt_status ok() { return XPURT_OK; }

class LoadedEngineTest : public ::testing::Test {
 protected:
  LoadedEngineTest() {
    table = {};
    table.struct_size = sizeof(table);
    table.describe = [](void*, const xpurt_engine_info** out, xpurt_error*) {
      *out = &info;
      return ok();
    };
    table.model_load = [](void*, const xpurt_load_args*, xpurt_model**, xpurt_error*) {
      return ok();
    };
    table.model_release = [](xpurt_model*) {};
    table.model_info = [](xpurt_model*, const xpurt_model_info**, xpurt_error*) { return ok(); };
    table.context_create = [](xpurt_model*, xpurt_context**, xpurt_error*) { return ok(); };
    table.context_release = [](xpurt_context*) {};
    table.context_run = [](xpurt_context*, const xpurt_run_args*, xpurt_error*) { return ok(); };
    info = {};
    info.struct_size = sizeof(info);
    info.name = "some";
    info.version = "2.0";
    info.adapter_version = "0.1";
  }
};

TEST_F(LoadedEngineTest, LeavesThreadsToTheBudgetWhereEachModelHasItsOwn) {
  LoadedEngine engine("some", "", query);
  const int32_t budget = engine.default_threads();
  EXPECT_EQ(budget, thread_budget());
  engine.note_model(budget + 1);
  EXPECT_EQ(engine.default_threads(), budget);
}

TEST_F(LoadedEngineTest, KeepsTheThreadsOfItsLastModelWhereAProcessHasOneNumber) {
  info.traits = XPURT_TRAIT_PROCESS_THREADS;
  LoadedEngine engine("some", "", query);
  EXPECT_EQ(engine.default_threads(), thread_budget());
  engine.note_model(thread_budget() + 1);
  EXPECT_EQ(engine.default_threads(), thread_budget() + 1);
}

TEST_F(LoadedEngineTest, SaysWhatTheEngineSaysOfItself) {
  static const char* const formats[] = {"a", "b", nullptr};
  static const char* const choices[] = {"x", "y", nullptr};
  static const xpurt_option option{
      sizeof(xpurt_option), "mode", XPURT_OPTION_STRING, "x", "How.", choices};
  static const xpurt_option* const options[] = {&option, nullptr};
  static const xpurt_device devices[] = {{XPURT_DEVICE_CUDA, 1}, {XPURT_DEVICE_CPU, 0}};
  info.traits = XPURT_TRAIT_BYTES_FIRST;
  info.input_alignment = 16;
  info.formats = formats;
  info.options = options;
  info.devices = devices;
  info.device_count = 2;
  const LoadedEngine engine("some", "", query);
  const EngineStatus& status = engine.status();
  EXPECT_TRUE(status.available);
  EXPECT_EQ(status.version, "2.0");
  EXPECT_EQ(status.adapter_version, "0.1");
  EXPECT_THAT(status.formats, ElementsAre("a", "b"));
  ASSERT_EQ(status.options.size(), 1U);
  EXPECT_EQ(status.options[0].name, "mode");
  EXPECT_EQ(status.options[0].doc, "How.");
  EXPECT_THAT(status.options[0].choices, ElementsAre("x", "y"));
  EXPECT_THAT(status.devices, ElementsAre(Device{DeviceType::kCuda, 1}, Device{}));
  EXPECT_EQ(engine.traits(), XPURT_TRAIT_BYTES_FIRST);
  EXPECT_EQ(engine.input_alignment(), 16U);
}

TEST_F(LoadedEngineTest, TakesAnEngineThatSaysNothingOfItself) {
  info = {};
  info.struct_size = sizeof(info.struct_size);
  const LoadedEngine engine("some", "", query);
  EXPECT_EQ(engine.status().version, "");
  EXPECT_EQ(engine.input_alignment(), 1U);
}

TEST_F(LoadedEngineTest, RefusesAnAlignmentThatItsMemoryDoesNotHave) {
  info.input_alignment = 128;
  EXPECT_ERROR(LoadedEngine("some", "", query), UnavailableError,
               HasSubstr("inputs aligned to 128 bytes"), HasSubstr("(engine some)"));
}

TEST_F(LoadedEngineTest, NamesARequiredSlotThatIsMissing) {
  table.context_run = nullptr;
  EXPECT_ERROR(LoadedEngine("some", "/a/some.so", query), UnavailableError,
               "the engine's table lacks the required slot context_run (engine some, /a/some.so)");
  table.struct_size = offsetof(xpurt_engine, model_release);  // what is behind is not read
  EXPECT_ERROR(LoadedEngine("some", "", query), UnavailableError,
               HasSubstr("required slot model_release"));
}

TEST_F(LoadedEngineTest, RefusesAPlugInWithoutATable) {
  EXPECT_ERROR(
      LoadedEngine("some", "",
                   [](const char*, uint32_t, const xpurt_host*) -> const void* { return nullptr; }),
      UnavailableError, "the plug-in has no engine table of ABI major 0 (engine some)");
}

TEST_F(LoadedEngineTest, FillsTheOptionalSlots) {
  table.struct_size = offsetof(xpurt_engine, context_start);
  std::memset(static_cast<void*>(&table.context_start), 0xAB,
              sizeof(table) - offsetof(xpurt_engine, context_start));
  const LoadedEngine engine("some", "", query);
  const xpurt_engine& filled = engine.table();
  xpurt_error error;
  EXPECT_EQ(filled.context_start(nullptr, nullptr, nullptr, nullptr, &error),
            XPURT_UNSUPPORTED_OPERATION);
  EXPECT_EQ(error.text, "this engine does not support asynchronous runs");
  error.clear();
  EXPECT_EQ(filled.context_reset(nullptr, &error), XPURT_UNSUPPORTED_OPERATION);
  EXPECT_EQ(error.text, "this engine does not support resetting state");
  error.clear();
  EXPECT_EQ(filled.model_save(nullptr, nullptr, &error), XPURT_UNSUPPORTED_OPERATION);
  EXPECT_EQ(filled.fingerprint(nullptr, nullptr, nullptr, nullptr), XPURT_OK);
  filled.context_cancel(nullptr, 1);
}

TEST_F(LoadedEngineTest, AnEngineThatIsNotThereSaysWhatToInstall) {
  table.describe = [](void*, const xpurt_engine_info**, xpurt_error* error) {
    return record(error, XPURT_ENGINE_NOT_INSTALLED, "pip install some");
  };
  EXPECT_ERROR(LoadedEngine("some", "", query), EngineNotInstalledError,
               "pip install some (engine some)");
}

}  // namespace
}  // namespace xpuruntime
