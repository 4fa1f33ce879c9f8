// SPDX-License-Identifier: Apache-2.0
#include "engine_under_test.h"

namespace xpuruntime::conformance {

void expect_failed(const Outcome& outcome, xpurt_status code) {
  EXPECT_EQ(outcome.status, code) << outcome.text;
  EXPECT_EQ(outcome.code, outcome.status) << "it returned another code than host->fail gave it";
  EXPECT_FALSE(outcome.text.empty());
}

void expect_outputs(const Sink& sink, const TestModel& model, const Example& example) {
  EXPECT_EQ(sink.violations(), "");
  EXPECT_TRUE(sink.guards_intact()) << "written outside of reserved memory";
  for (uint32_t i = 0; i < example.outputs.size(); ++i) {
    ASSERT_NE(sink.output(i), nullptr) << "output " << i << " was neither committed nor given";
    EXPECT_EQ(difference(sink.copy(i), example.outputs[i], model.tolerance), "")
        << "output " << i << " of " << model.name;
  }
}

void expect_right(const Context& context, const TestModel& model, const Example& example,
                  const RunOptions& options) {
  Sink sink(example.outputs.size());
  const Outcome outcome = context.run(example.inputs, sink, example.outputs.size(), options);
  ASSERT_TRUE(outcome.ok()) << model.name << ": " << outcome.text;
  expect_outputs(sink, model, example);
}

}  // namespace xpuruntime::conformance
