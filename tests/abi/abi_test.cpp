// SPDX-License-Identifier: Apache-2.0
/// The C side of the seam: an engine of an earlier minor version behind a host of today, and
/// plug-ins that are none. What the core's loader says about them is tested with the core.
#include "xpuruntime/engine/abi.h"  // first: it stands alone in C++ too

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "conformance_host.h"

extern "C" int xpurt_test_layout(void);

namespace xpuruntime::conformance {
namespace {

std::string file_of(const std::string& name) {
  return XPURT_TEST_ENGINE_DIR "/libxpuruntime_engine_" + name + ".so";
}

TEST(AbiTest, LayoutIsFrozen) { EXPECT_EQ(xpurt_test_layout(), 0); }

TEST(AbiTest, OldEngineHasShorterTables) {
  const Plugin old = Plugin::open(file_of("old"));
  EXPECT_EQ(old.version()->abi_minor, 0u);
  EXPECT_EQ(old.engine()->struct_size, offsetof(xpurt_engine, context_start));
  EXPECT_EQ(old.device(), nullptr);
  EXPECT_STREQ(old.info().name, "old");
  EXPECT_STREQ(old.info().options[0]->choices[1], "off");
}

TEST(AbiTest, OldEngineRunsBehindAHostOfToday) {
  const Plugin old = Plugin::open(file_of("old"));
  const Model model = old.load(Source::bytes("old model"));
  EXPECT_LT(model.info().struct_size, sizeof(xpurt_model_info));
  EXPECT_EQ(model.info().inputs[0]->struct_size, offsetof(xpurt_tensor_info, max_shape));
  const Context context = model.context();
  for (const int64_t size : {3, 0, 1}) {
    const std::vector<float> values(static_cast<size_t>(size), 21);
    Sink sink(1);
    const Outcome outcome = context.run({Tensor::of<float>({size}, values)}, sink, 1);
    ASSERT_TRUE(outcome.ok()) << outcome.text;
    EXPECT_EQ(sink.violations(), "");
    EXPECT_EQ(sink.output(0)->shape, (std::vector<int64_t>{size}));
    const Tensor doubled = sink.copy(0);
    for (const float value : doubled.as<float>()) EXPECT_EQ(value, 42);
  }
}

TEST(AbiTest, OldEngineFailsThroughTheHost) {
  const Plugin old = Plugin::open(file_of("old"));
  xpurt_model* none = nullptr;
  EXPECT_EQ(old.try_load(Source::bytes("new"), {}, &none).status, XPURT_INVALID_ARGUMENT);
  const Model model = old.load(Source::bytes("old"));
  Sink sink(1);
  const Outcome outcome = model.context().run({Tensor::of<double>({1}, {1})}, sink, 1);
  EXPECT_EQ(outcome.status, XPURT_INVALID_ARGUMENT);
  EXPECT_NE(outcome.text.find("float32"), std::string::npos);
}

TEST(AbiTest, OtherMajorSaysItsVersionAndHasNoTable) {
  const Plugin other = Plugin::open(file_of("other_major"));
  ASSERT_NE(other.version(), nullptr);
  EXPECT_EQ(other.version()->abi_major, 99u);
  EXPECT_EQ(other.engine(), nullptr);
}

TEST(AbiTest, BrokenTablesShowInTheirSizeAndSlots) {
  const Plugin missing = Plugin::open(file_of("missing_slot"));
  EXPECT_EQ(missing.engine()->struct_size, sizeof(xpurt_engine));
  EXPECT_EQ(missing.engine()->context_run, nullptr);
  const Plugin lying = Plugin::open(file_of("lying_size"));
  EXPECT_EQ(lying.engine()->struct_size, offsetof(xpurt_engine, model_load));
}

TEST(AbiTest, OtherFilesAreNoPlugins) {
  EXPECT_THROW(Plugin::open(file_of("not_a_plugin")), std::runtime_error);
  EXPECT_THROW(Plugin::open(file_of("text")), std::runtime_error);
}

}  // namespace
}  // namespace xpuruntime::conformance
