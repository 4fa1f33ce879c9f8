// SPDX-License-Identifier: Apache-2.0
/// The tables of an engine, and what it says of itself.
#include <cstddef>
#include <set>
#include <string_view>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

TEST_P(Conformance, VersionTableIsWellFormed) {
  const xpurt_plugin_version* version = plugin().version();
  ASSERT_NE(version, nullptr);
  EXPECT_GE(version->struct_size, sizeof(xpurt_plugin_version));
  EXPECT_EQ(version->abi_major, XPURT_ABI_MAJOR);
  ASSERT_NE(version->name, nullptr);
  EXPECT_EQ(version->name, engine().name);
}

TEST_P(Conformance, EngineTableHasTheRequiredSlots) {
  const xpurt_engine* table = plugin().engine();
  ASSERT_NE(table, nullptr);
  ASSERT_GE(table->struct_size, offsetof(xpurt_engine, context_start));
  EXPECT_NE(table->describe, nullptr);
  EXPECT_NE(table->model_load, nullptr);
  EXPECT_NE(table->model_release, nullptr);
  EXPECT_NE(table->model_info, nullptr);
  EXPECT_NE(table->context_create, nullptr);
  EXPECT_NE(table->context_release, nullptr);
  EXPECT_NE(table->context_run, nullptr);
}

TEST_P(Conformance, QueryGivesTheSameTablesAgainAndNothingElse) {
  const xpurt_plugin_query_fn query = plugin().query();
  EXPECT_EQ(query("engine", XPURT_ABI_MAJOR, host()), plugin().engine());
  EXPECT_EQ(query("version", 1, host()), plugin().version());
  EXPECT_EQ(query("engine", XPURT_ABI_MAJOR + 1, host()), nullptr);
  EXPECT_EQ(query("no such interface", XPURT_ABI_MAJOR, host()), nullptr);
}

TEST_P(Conformance, DescribesItselfAlwaysTheSame) {
  const xpurt_engine_info& info = plugin().info();
  EXPECT_EQ(&plugin().info(), &info);
  EXPECT_GE(info.struct_size, sizeof(xpurt_engine_info));
  EXPECT_EQ(info.name, engine().name);
  EXPECT_NE(std::string_view(info.version), "");
  EXPECT_NE(std::string_view(info.adapter_version), "");
  EXPECT_GE(info.input_alignment, 1u);
  EXPECT_EQ(info.input_alignment & (info.input_alignment - 1), 0u);
}

TEST_P(Conformance, NamesFormatsAndDevices) {
  const xpurt_engine_info& info = plugin().info();
  ASSERT_NE(info.formats, nullptr);
  ASSERT_NE(info.formats[0], nullptr);
  for (const char* const* format = info.formats; *format != nullptr; ++format) {
    EXPECT_FALSE(std::string_view(*format).empty());
    EXPECT_NE((*format)[0], '.') << "an extension is written without its dot";
  }
  ASSERT_GE(info.device_count, 1u);
  std::set<std::pair<int32_t, int32_t>> devices;
  for (uint32_t i = 0; i < info.device_count; ++i) {
    EXPECT_GE(info.devices[i].index, 0);
    EXPECT_TRUE(devices.emplace(info.devices[i].type, info.devices[i].index).second);
  }
}

TEST_P(Conformance, DocumentsItsOptions) {
  std::set<std::string> names;
  for (const auto* const* at = plugin().info().options; at != nullptr && *at != nullptr; ++at) {
    const xpurt_option& option = **at;
    EXPECT_GE(option.struct_size, sizeof(xpurt_option));
    ASSERT_NE(option.name, nullptr);
    SCOPED_TRACE(option.name);
    EXPECT_TRUE(names.insert(option.name).second) << "it is there twice";
    EXPECT_FALSE(std::string_view(option.name).empty());
    ASSERT_NE(option.doc, nullptr);
    EXPECT_FALSE(std::string_view(option.doc).empty());
    ASSERT_NE(option.default_value, nullptr);
    EXPECT_GE(option.type, XPURT_OPTION_BOOL);
    EXPECT_LE(option.type, XPURT_OPTION_STRING);
    const std::string value = option.default_value;
    size_t end = value.size();
    if (option.type == XPURT_OPTION_BOOL) {
      EXPECT_TRUE(value == "true" || value == "false") << value;
    } else if (option.type == XPURT_OPTION_INT) {
      EXPECT_NO_THROW(std::ignore = std::stoll(value, &end)) << value;
    } else if (option.type == XPURT_OPTION_FLOAT) {
      EXPECT_NO_THROW(std::ignore = std::stod(value, &end)) << value;
    }
    EXPECT_EQ(end, value.size()) << value;
    bool chosen = option.choices == nullptr;
    for (const char* const* choice = option.choices; choice != nullptr && *choice != nullptr;
         ++choice) {
      chosen = chosen || value == *choice;
    }
    EXPECT_TRUE(chosen) << "the default '" << value << "' is none of the choices";
  }
}

}  // namespace
}  // namespace xpuruntime::conformance
