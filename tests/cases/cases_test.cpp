// SPDX-License-Identifier: Apache-2.0
/// Runs every case on every engine that can be used, through the C++ API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "case_file.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"
#include "xpuruntime/toolkit/agreement.h"

namespace xpuruntime::cases {
namespace {

struct CaseOnEngine {
  Case test;
  std::string engine;

  friend std::ostream& operator<<(std::ostream& stream, const CaseOnEngine& param) {
    return stream << param.test.file << ".json, " << param.test.name << ", on " << param.engine;
  }
};

std::vector<CaseOnEngine> all_cases() {
  std::vector<std::string> usable;
  for (const auto& engine : EngineRegistry::instance().native_engine_status()) {
    if (engine.available && std::ranges::find(engine.formats, "onnx") != engine.formats.end()) {
      usable.push_back(engine.name);
    }
  }
  std::vector<CaseOnEngine> all;
  for (const auto& test : read_cases(XPURT_CASES_DIR)) {
    if (test.names_engine) {
      all.push_back({test, test.session.engine});
      continue;
    }
    for (const auto& engine : usable) {
      const bool wanted =
          test.engines.empty() || std::ranges::find(test.engines, engine) != test.engines.end();
      if (wanted) all.push_back({test, engine});
    }
  }
  return all;
}

bool has_device(const std::string& engine, const std::string& device) {
  for (const auto& status : EngineRegistry::instance().native_engine_status()) {
    if (status.name != engine) continue;
    return std::ranges::any_of(status.devices,
                               [&](Device each) { return to_string(each) == device; });
  }
  return false;
}

/// Why the engine that a case names cannot be used, "" when it can, or is not known at all.
std::string why_not(const std::string& engine) {
  for (const auto& status : EngineRegistry::instance().native_engine_status()) {
    if (status.name == engine && !status.available) return status.reason;
  }
  return "";
}

void expect_outputs(const NamedTensors& actual, const Case& test) {
  ASSERT_EQ(actual.size(), test.outputs.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    SCOPED_TRACE("output '" + test.outputs.name(i) + "'");
    EXPECT_EQ(actual.name(i), test.outputs.name(i));
    ASSERT_EQ(actual[i].dtype(), test.outputs[i].dtype());
    ASSERT_EQ(actual[i].shape(), test.outputs[i].shape()) << to_string(actual[i]);
    const auto agreement = toolkit::measure_agreement(actual[i], test.outputs[i], test.tolerance);
    EXPECT_TRUE(agreement.agrees())
        << agreement.disagreeing << " of " << agreement.elements << " elements are off, by at most "
        << agreement.max_absolute_error;
  }
}

void expect_error(const XpuRuntimeError& error, const Case& test) {
  ASSERT_TRUE(test.error) << error.name() << ": " << error.what();
  EXPECT_EQ(error.name(), test.error->error_class) << error.what();
  const auto lower = [](std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  };
  for (const auto& fragment : test.error->fragments) {
    EXPECT_THAT(lower(error.what()), ::testing::HasSubstr(lower(fragment)));
  }
}

class CasesTest : public ::testing::TestWithParam<CaseOnEngine> {};

TEST_P(CasesTest, Holds) {
  const auto& [test, engine] = GetParam();
  if (!test.skip_with_device.empty() && has_device(engine, test.skip_with_device)) {
    GTEST_SKIP() << "the case is of a machine without " << test.skip_with_device;
  }
  if (const auto reason = why_not(engine); !reason.empty()) GTEST_SKIP() << reason;
  SessionConfig config = test.session;
  config.engine = engine;
  try {
    const InferenceSession session(std::string(XPURT_TEST_DATA_DIR "/") + test.model, config);
    RunReport report;
    const NamedTensors outputs = session.run(test.inputs, {.report = &report});
    ASSERT_FALSE(test.error) << "expected " << test.error->error_class;
    expect_outputs(outputs, test);
    if (!test.ran_engine.empty()) {
      EXPECT_EQ(session.engine_name(), test.ran_engine);
      EXPECT_EQ(report.engine, test.ran_engine);
    }
    if (!test.ran_device.empty()) {
      EXPECT_EQ(to_string(session.device()), test.ran_device);
      EXPECT_EQ(to_string(report.device), test.ran_device);
    }
  } catch (const XpuRuntimeError& error) {
    expect_error(error, test);
  }
}

std::string test_name(const ::testing::TestParamInfo<CaseOnEngine>& info) {
  return info.param.test.file + "_" + info.param.test.name + "_" + info.param.engine;
}

INSTANTIATE_TEST_SUITE_P(Cases, CasesTest, ::testing::ValuesIn(all_cases()), test_name);

}  // namespace
}  // namespace xpuruntime::cases
