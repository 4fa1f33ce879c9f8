// SPDX-License-Identifier: Apache-2.0
/// Where outputs go: memory of the host, of the caller, of the engine.
#include <cstring>
#include <thread>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

/// Memory for all outputs of an example, `extra` bytes more or less than they take.
class Bound {
 public:
  Bound(const Example& example, int64_t extra) : sink(example.outputs.size()) {
    for (uint32_t i = 0; i < example.outputs.size(); ++i) {
      const Tensor& output = example.outputs[i];
      const auto capacity = static_cast<uint64_t>(static_cast<int64_t>(output.bytes()) + extra);
      memory.push_back(std::make_unique<GuardedMemory>(capacity));
      sink.bind(i, output.dtype(), output.shape(), memory.back()->data(), capacity);
    }
  }
  void expect_guards() const {
    for (const auto& bound : memory) EXPECT_TRUE(bound->intact()) << "written past bound memory";
  }

  Sink sink;
  std::vector<std::unique_ptr<GuardedMemory>> memory;
};

void expect_in_place(const Context& context, const TestModel& model, const Example& example,
                     int64_t extra) {
  Bound bound(example, extra);
  const Outcome outcome = context.run(example.inputs, bound.sink, example.outputs.size());
  ASSERT_TRUE(outcome.ok()) << outcome.text;
  expect_outputs(bound.sink, model, example);
  for (uint32_t i = 0; i < example.outputs.size(); ++i) {
    const Sink::Output* output = bound.sink.output(i);
    if (output == nullptr) continue;  // said above
    EXPECT_EQ(output->data, bound.memory[i]->data()) << "output " << i;
  }
  bound.expect_guards();
}

TEST_P(Conformance, WritesBoundOutputsWhereTheyAreBound) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Model model = plugin().load(declared.source);
    const Context context = model.context();
    for (const Example& example : declared.examples) {
      expect_in_place(context, declared, example, 0);
      expect_in_place(context, declared, example, 192);
      expect_right(context, declared, example);
      expect_in_place(context, declared, example, 0);
    }
  }
}

/// The sink is fresh in each run: nothing need be committed again, but all is written.
void expect_repeated(const Context& context, const TestModel& declared, const Example& example,
                     uint64_t repeat) {
  std::vector<Tensor> outputs;
  for (const Tensor& output : example.outputs) {
    outputs.emplace_back(output.dtype(), output.shape());
  }
  for (int run = 0; run < 3; ++run) {
    Sink sink(outputs.size());
    for (uint32_t i = 0; i < outputs.size(); ++i) {
      const Tensor& output = outputs[i];
      std::memset(output.data(), 0xDD, output.bytes());
      sink.bind(i, output.dtype(), output.shape(), output.data(), output.bytes());
    }
    const Outcome outcome = context.run(example.inputs, sink, outputs.size(), {.repeat = repeat});
    ASSERT_TRUE(outcome.ok()) << outcome.text;
    EXPECT_EQ(sink.violations(), "");
    for (uint32_t i = 0; i < outputs.size(); ++i) {
      EXPECT_EQ(difference(outputs[i], example.outputs[i], declared.tolerance), "")
          << "output " << i << " in run " << run;
    }
  }
}

TEST_P(Conformance, WritesItsOutputsInEveryRepeatedRun) {
  uint64_t repeat = 0;
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Model model = plugin().load(declared.source);
    const Context context = model.context();
    for (const Example& example : declared.examples) {
      expect_repeated(context, declared, example, ++repeat);
      expect_right(context, declared, example);
    }
  }
}

TEST_P(Conformance, WritesDataDependentOutputsWhereTheyAreBound) {
  XPURT_NEEDS(kDataDependent);
  ASSERT_TRUE(engine().data_dependent);
  const Model model = plugin().load(engine().data_dependent->source);
  const Context context = model.context();
  for (const Example& example : engine().data_dependent->examples) {
    expect_in_place(context, *engine().data_dependent, example, 0);
    expect_in_place(context, *engine().data_dependent, example, 192);
  }
}

void expect_too_small(const Context& context, const TestModel& declared, const Example& example,
                      int64_t extra) {
  Bound bound(example, extra);
  const Outcome outcome = context.run(example.inputs, bound.sink, example.outputs.size());
  expect_failed(outcome, XPURT_INVALID_ARGUMENT);
  bound.expect_guards();
  expect_right(context, declared, example);
}

TEST_P(Conformance, RefusesBoundMemoryThatIsTooSmall) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Example& example = declared.examples.at(0);
    const Model model = plugin().load(declared.source);
    const Context context = model.context();
    expect_too_small(context, declared, example, -1);
    int64_t smallest = INT64_MAX;
    for (const Tensor& output : example.outputs) {
      smallest = std::min(smallest, static_cast<int64_t>(output.bytes()));
    }
    expect_too_small(context, declared, example, -smallest);
  }
}

TEST_P(Conformance, RefusesBoundMemoryThatIsTooSmallForTheData) {
  XPURT_NEEDS(kDataDependent);
  ASSERT_TRUE(engine().data_dependent);
  const TestModel& declared = *engine().data_dependent;
  const Model model = plugin().load(declared.source);
  const Context context = model.context();
  for (const Example& example : declared.examples) {
    if (example.outputs[0].bytes() == 0) continue;
    expect_too_small(context, declared, example, -1);
  }
}

TEST_P(Conformance, ShapesOutputsByTheData) {
  XPURT_NEEDS(kDataDependent);
  ASSERT_TRUE(engine().data_dependent);
  const TestModel& declared = *engine().data_dependent;
  ASSERT_GE(declared.examples.size(), 3u);
  const Model model = plugin().load(declared.source);
  const Context context = model.context();
  for (int round = 0; round < 2; ++round) {
    for (const Example& example : declared.examples) expect_right(context, declared, example);
  }
}

/// Runs all examples, holds all outputs, and looks at them when context and model are gone.
void expect_outputs_stay(const Plugin& plugin, const TestModel& declared) {
  std::optional<Model> model(plugin.load(declared.source));
  std::optional<Context> context(model->context());
  std::vector<std::unique_ptr<Sink>> sinks;
  for (const Example& example : declared.examples) {
    sinks.push_back(std::make_unique<Sink>(example.outputs.size()));
    const Outcome outcome = context->run(example.inputs, *sinks.back(), example.outputs.size());
    ASSERT_TRUE(outcome.ok()) << outcome.text;
  }
  for (size_t i = 0; i < sinks.size(); ++i)
    expect_outputs(*sinks[i], declared, declared.examples[i]);
  context.reset();
  model.reset();
  for (size_t i = 0; i < sinks.size(); ++i)
    expect_outputs(*sinks[i], declared, declared.examples[i]);
  std::thread([&] {
    for (const auto& sink : sinks) sink->release_given();
  }).join();
}

TEST_P(Conformance, OutputsStayAfterLaterRunsAndTheModel) {
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    expect_outputs_stay(plugin(), declared);
  }
  if (engine().data_dependent) expect_outputs_stay(plugin(), *engine().data_dependent);
}

TEST_P(Conformance, GivesItsOwnBuffers) {
  XPURT_NEEDS(kGive);
  int gives = 0;
  std::vector<TestModel> all = engine().models;
  if (engine().data_dependent) all.push_back(*engine().data_dependent);
  for (const TestModel& declared : all) {
    const Example& example = declared.examples.at(0);
    Sink sink(example.outputs.size());
    const Model model = plugin().load(declared.source);
    ASSERT_TRUE(model.context().run(example.inputs, sink, example.outputs.size()).ok());
    gives += sink.gives();
  }
  EXPECT_GE(gives, 1) << "it gave no buffer: then it lacks Feature::kGive";
}

TEST_P(Conformance, FailsWithTheHostsWordsWhenThereIsNoMemory) {
  XPURT_NEEDS(kReserve);
  const Model model = plugin().load(basic().source);
  const Context context = model.context();
  const Example& example = basic().examples.at(0);
  for (int round = 0; round < 2; ++round) {
    Sink sink(example.outputs.size());
    sink.refuse(true);
    const Outcome outcome = context.run(example.inputs, sink, example.outputs.size());
    EXPECT_GE(sink.reserves(), 1);
    expect_failed(outcome, XPURT_OUT_OF_MEMORY);
    EXPECT_NE(outcome.text.find("the host refuses memory"), std::string::npos) << outcome.text;
    expect_right(context, basic(), example);
  }
}

}  // namespace
}  // namespace xpuruntime::conformance
