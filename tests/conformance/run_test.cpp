// SPDX-License-Identifier: Apache-2.0
/// What goes into a run: right numbers, inputs left alone, wrong inputs refused.
#include <cstddef>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

bool has_empty_input(const Example& example) {
  for (const Tensor& input : example.inputs) {
    if (input.bytes() == 0) return true;
  }
  return false;
}

TEST_P(Conformance, ComputesTheExpectedNumbers) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    ASSERT_FALSE(declared.examples.empty());
    const Model model = plugin().load(declared.source);
    const Context context = model.context();
    for (int round = 0; round < 2; ++round) {
      for (const Example& example : declared.examples) expect_right(context, declared, example);
    }
  }
}

TEST_P(Conformance, TakesEmptyDimensions) {
  XPURT_NEEDS(kEmptyDims);
  int seen = 0;
  for (const TestModel& declared : engine().models) {
    for (const Example& example : declared.examples) {
      if (!has_empty_input(example)) continue;
      SCOPED_TRACE(declared.name);
      ++seen;
      const Model model = plugin().load(declared.source);
      const Context context = model.context();
      expect_right(context, declared, example);
      expect_right(context, declared, declared.examples.at(0));
      expect_right(context, declared, example);
    }
  }
  EXPECT_GE(seen, 1) << "no example has an input with a dimension of size 0";
}

TEST_P(Conformance, NeverWritesItsInputs) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Model model = plugin().load(declared.source);
    const Context context = model.context();
    for (const Example& example : declared.examples) {
      std::vector<Tensor> before;
      for (const Tensor& input : example.inputs) before.push_back(input.clone());
      expect_right(context, declared, example);
      for (size_t i = 0; i < before.size(); ++i) {
        EXPECT_TRUE(before[i].same(example.inputs[i])) << "input " << i;
        EXPECT_TRUE(example.inputs[i].guards_intact()) << "input " << i;
      }
    }
  }
}

TEST_P(Conformance, ComputesTheSameFromDonatedInputs) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Model model = plugin().load(declared.source);
    const Context context = model.context();
    Example example = declared.examples.at(0);
    RunOptions options;
    for (uint32_t i = 0; i < example.inputs.size(); ++i) {
      example.inputs[i] = example.inputs[i].clone();
      options.donated.push_back(i);
    }
    expect_right(context, declared, example, options);
    for (const Tensor& input : example.inputs) EXPECT_TRUE(input.guards_intact());
  }
}

/// Wrong inputs are refused with nothing committed, and the context runs on.
class WrongInputs {
 public:
  WrongInputs(const Plugin& plugin, const TestModel& declared)
      : declared_(declared), model_(plugin.load(declared.source)), context_(model_.context()) {}

  template <typename Spoil>
  void expect_refused(const std::vector<Tensor>& inputs, Spoil&& spoil) {
    Sink sink(declared_.outputs.size());
    RunCall call(inputs, sink, declared_.outputs.size());
    spoil(call);
    const Outcome outcome = context_.run(call);
    expect_failed(outcome, XPURT_INVALID_ARGUMENT);
    for (uint32_t i = 0; i < declared_.outputs.size(); ++i) EXPECT_EQ(sink.output(i), nullptr);
    expect_right(context_, declared_, declared_.examples.at(0));
  }

 private:
  const TestModel& declared_;
  Model model_;
  Context context_;
};

TEST_P(Conformance, RefusesAnInputOfAnotherType) {
  const std::vector<Tensor>& inputs = basic().examples.at(0).inputs;
  // As many bytes a value, so that only the type is wrong.
  const int32_t other = dtype_size(inputs[0].dtype()) == 8 ? XPURT_UINT64 : XPURT_UINT32;
  WrongInputs(plugin(), basic()).expect_refused(inputs, [&](RunCall& call) {
    call.value(0).dtype = other;
  });
}

TEST_P(Conformance, RefusesAnInputOfAnotherRank) {
  std::vector<Tensor> inputs = basic().examples.at(0).inputs;
  std::vector<int64_t> shape = inputs[0].shape();
  shape.push_back(1);
  inputs[0] = Tensor(inputs[0].dtype(), shape);
  WrongInputs(plugin(), basic()).expect_refused(inputs, [](RunCall&) {});
}

TEST_P(Conformance, RefusesAnInputOfAnotherSize) {
  std::vector<Tensor> inputs = basic().examples.at(0).inputs;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t d = 0; d < basic().inputs[i].shape.size(); ++d) {
      if (basic().inputs[i].shape[d] < 0) continue;
      std::vector<int64_t> shape = inputs[i].shape();
      ++shape[d];
      inputs[i] = Tensor(inputs[i].dtype(), shape);
      WrongInputs(plugin(), basic()).expect_refused(inputs, [](RunCall&) {});
      return;
    }
  }
  GTEST_SKIP() << "the first model has no input with a static dimension";
}

TEST_P(Conformance, RefusesARunWithoutAnInput) {
  WrongInputs(plugin(), basic()).expect_refused(basic().examples.at(0).inputs, [](RunCall& call) {
    call.leave_out(0);
  });
}

TEST_P(Conformance, RunsForAnOlderHost) {
  const Model model = plugin().load(basic().source);
  const Context context = model.context();
  RunOptions options;
  options.args_size = offsetof(xpurt_run_args, stream);
  options.value_size = offsetof(xpurt_value, offsets);
  expect_right(context, basic(), basic().examples.at(0), options);
}

TEST_P(Conformance, RunsWithoutAReporter) {
  const Model model = plugin().load(basic().source);
  RunOptions options;
  options.reporter = false;
  expect_right(model.context(), basic(), basic().examples.at(0), options);
}

TEST_P(Conformance, FailsWithItsOwnWordsAndRunsOn) {
  XPURT_NEEDS(kFailing);
  ASSERT_TRUE(engine().failing);
  const FailingModel& failing = *engine().failing;
  const Model model = plugin().load(failing.model.source);
  for (int round = 0; round < 3; ++round) {
    const Context context = model.context();
    Sink sink(failing.model.outputs.size());
    const Outcome outcome =
        context.run(failing.model.examples.at(0).inputs, sink, failing.model.outputs.size());
    expect_failed(outcome, failing.code);
    EXPECT_NE(outcome.text.find(failing.text), std::string::npos) << outcome.text;
    EXPECT_EQ(sink.violations(), "");
    if ((outcome.flags & XPURT_CONTEXT_LOST) != 0) continue;
    Sink again(failing.model.outputs.size());
    expect_failed(
        context.run(failing.model.examples.at(0).inputs, again, failing.model.outputs.size()),
        failing.code);
  }
}

}  // namespace
}  // namespace xpuruntime::conformance
