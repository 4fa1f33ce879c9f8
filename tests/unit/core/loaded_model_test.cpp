// SPDX-License-Identifier: Apache-2.0
#include "core/loaded_model.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"

namespace xpuruntime {
namespace {

using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kSlowLoad =
    "fake\ninput x float32 2\noutput y float32 2\nload_steps 3\nh = scale x 2\ny = add h h\nend\n";

TEST(LoadedModelTest, TellsHowFarTheLoadIs) {
  std::vector<std::string> steps;
  const InferenceSession session =
      open_fake(kSlowLoad, {.progress = [&](const char* phase, uint64_t done, uint64_t total) {
                  steps.push_back(std::string(phase) + " " + std::to_string(done) + "/" +
                                  std::to_string(total));
                  return true;
                }});
  EXPECT_THAT(steps, ElementsAre("parse 1/3", "parse 2/3", "parse 3/3"));
}

TEST(LoadedModelTest, TheCallerCancelsALoad) {
  int calls = 0;
  EXPECT_ERROR(open_fake(kSlowLoad, {.fallback = {"fake@npu"},
                                     .progress =
                                         [&](const char*, uint64_t done, uint64_t) {
                                           ++calls;
                                           return done < 2;
                                         }}),
               CancelledError, "the load was cancelled during parse (engine fake, model <bytes>)");
  EXPECT_EQ(calls, 2) << "a cancelled load is not tried on the fallback";
  EXPECT_EQ(hooks().models, 0);
}

TEST(LoadedModelTest, AProgressThatThrowsCancelsTheLoad) {
  EXPECT_THROW(open_fake(kSlowLoad, {.progress = [](const char*, uint64_t, uint64_t) -> bool {
                           throw std::runtime_error("no terminal");
                         }}),
               CancelledError);
  EXPECT_EQ(hooks().models, 0);
}

TEST(LoadedModelTest, ShowsInnerValuesAsOutputs) {
  const InferenceSession session = open_fake(kSlowLoad, {.extra_outputs = {"h"}});
  ASSERT_EQ(session.output_info().size(), 2U);
  const NamedTensors outputs = session.run({{"x", Tensor::from({1.0F, 2.0F}, {2})}});
  EXPECT_EQ(outputs.at("y").values<float>()[1], 8);
  EXPECT_EQ(outputs.at("h").values<float>()[1], 4);
  EXPECT_ERROR(open_fake(kSlowLoad, {.extra_outputs = {"q"}}), InvalidArgumentError,
               "extra output 'q': no step makes it (engine fake, model <bytes>)");
}

TEST(LoadedModelTest, HandsTheEngineWhatTheCallerSaid) {
  bool seen = false;
  open_script({.model = one_to_one({1}, {1}),
               .run = nullptr,
               .load =
                   [&](const engine::LoadArgs& args) {
                     seen = true;
                     EXPECT_EQ(args.source(), XPURT_SOURCE_BYTES);
                     EXPECT_EQ(args.path(), "");
                     EXPECT_EQ(args.bytes().size(), 6U);
                     EXPECT_EQ(args.base_folder(), "/data");
                     EXPECT_EQ(args.device().type, XPURT_DEVICE_INTEL_GPU);
                     EXPECT_EQ(args.threads(), 2);
                     EXPECT_EQ(args.option("level"), "4");
                     EXPECT_EQ(args.option("fast"), "true");
                     ASSERT_EQ(args.extra_outputs().size(), 1U);
                     EXPECT_STREQ(args.extra_outputs()[0], "h");
                   }},
              {.device = "intel_gpu",
               .threads = 2,
               .engine_options = {{"level", "4"}, {"fast", "1"}},
               .base_folder = "/data",
               .extra_outputs = {"h"}});
  EXPECT_TRUE(seen);
}

TEST(LoadedModelTest, EachFailureToLoadHasItsClassAndPlace) {
  EXPECT_ERROR(open_fake("fake\nfail_load engine native=3 \"bad wheel\"\nend\n", {.device = "cpu"}),
               EngineError, "bad wheel (engine fake, model <bytes>)");
  EXPECT_ERROR(open_fake("not fake\n", {.device = "cpu"}), InvalidArgumentError,
               HasSubstr("line 1"));
  EXPECT_ERROR(open_fake("fake\noutput y complex64 1\nend\n", {.device = "cpu"}),
               UnsupportedOperationError, HasSubstr("complex64"));
}

}  // namespace
}  // namespace xpuruntime
