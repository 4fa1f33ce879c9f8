// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/session.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "expect_error.h"
#include "fake_session.h"
#include "script_engine.h"
#include "tensors.h"

namespace xpuruntime {
namespace {

using fake::hooks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Tensor>& two_inputs() {
  static const auto* const inputs =
      new std::vector<Tensor>{Tensor::from({1.0F, 2.0F}, {2}), Tensor::from({10.0F, 20.0F}, {2})};
  return *inputs;
}

TEST(SessionTest, RunsByNameInTheModelsOrder) {
  const InferenceSession session = open_fake(kTwo);
  const NamedTensors outputs = session.run({{"right", two_inputs()[1]}, {"left", two_inputs()[0]}});
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs.name(0), "total");
  EXPECT_EQ(outputs.name(1), "twice");
  EXPECT_THAT(values_of(outputs.at("total")), ElementsAre(11, 22));
  EXPECT_THAT(values_of(outputs.at("twice")), ElementsAre(2, 4));
}

TEST(SessionTest, RunsByOrder) {
  const InferenceSession session = open_fake(kTwo);
  const std::vector<Tensor> outputs = session.run(two_inputs());
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_THAT(values_of(outputs[0]), ElementsAre(11, 22));
  EXPECT_THAT(values_of(outputs[1]), ElementsAre(2, 4));
}

TEST(SessionTest, RunsIntoGivenMemoryAndLeavesTheRestToTheEngine) {
  const InferenceSession session = open_fake(kTwo);
  float memory[2] = {};
  std::vector<Tensor> outputs{Tensor(), Tensor::wrap(memory, DType::kFloat32, {2})};
  session.run(two_inputs(), outputs);
  EXPECT_THAT(values_of(outputs[0]), ElementsAre(11, 22));
  EXPECT_EQ(outputs[1].data(), memory);
  EXPECT_THAT(memory, ElementsAre(2, 4));
}

TEST(SessionTest, RunIntoLargerMemoryComesBackInTheOutputsShape) {
  const InferenceSession session = open_fake(kScale);
  float memory[8] = {0, 0, -1, -1, -1, -1, -1, -1};
  std::vector<Tensor> outputs{Tensor::wrap(memory, DType::kFloat32, {8})};
  session.run(std::vector<Tensor>{row(1, 2)}, outputs);
  EXPECT_EQ(outputs[0].shape(), (Shape{1, 2}));
  EXPECT_EQ(outputs[0].data(), memory);
  EXPECT_THAT(memory, ElementsAre(2, 4, -1, -1, -1, -1, -1, -1));
}

TEST(SessionTest, RunIntoMemoryThatIsTooSmallWritesNothing) {
  const InferenceSession session = open_fake(kScale);
  float memory[4] = {-1, -1, -1, -1};
  std::vector<Tensor> outputs{Tensor::wrap(memory, DType::kFloat32, {3})};
  const std::vector<Tensor> inputs{Tensor::from({1.0F, 2.0F, 3.0F, 4.0F}, {2, 2})};
  EXPECT_ERROR(session.run(inputs, outputs), InvalidArgumentError,
               "output 'y': the bound memory is too small: expected 16 bytes, got 12; bind a "
               "larger tensor, or leave the output to the engine (engine fake, model <bytes>)");
  EXPECT_THAT(memory, ElementsAre(-1, -1, -1, -1));
  EXPECT_EQ(outputs[0].shape(), (Shape{3}));
}

TEST(SessionTest, RunIntoMemoryOfADynamicOutputTakesAnyShapeOfEnoughBytes) {
  // A dimension that is declared 0 is as dynamic as one that is declared -1.
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {0, 2}),
                   .run = [](const engine::RunArgs& args) { fill_output(args, 0, {1, 2}, 3); }});
  std::vector<Tensor> outputs{Tensor(DType::kFloat32, {6})};
  session.run(std::vector<Tensor>{Tensor::from({1.0F}, {1})}, outputs);
  EXPECT_EQ(outputs[0].shape(), (Shape{1, 2}));
}

TEST(SessionTest, RefusesOutputsThatAreNotTheModels) {
  const InferenceSession session = open_fake(kTwo);
  std::vector<Tensor> outputs{Tensor()};
  EXPECT_ERROR(session.run(two_inputs(), outputs), InvalidArgumentError,
               "expected 2 outputs, got 1 (engine fake, model <bytes>)");
  outputs = {Tensor(DType::kFloat64, {2}), Tensor()};
  EXPECT_ERROR(session.run(two_inputs(), outputs), InvalidArgumentError,
               "output 'total': expected float32[2], got float64[2] (engine fake, model <bytes>)");
  outputs = {Tensor(DType::kFloat32, {3}), Tensor()};
  EXPECT_ERROR(session.run(two_inputs(), outputs), InvalidArgumentError,
               HasSubstr("output 'total': expected float32[2], got float32[3]"));
  const float constant[2] = {};
  outputs = {Tensor::wrap_read_only(constant, DType::kFloat32, {2}), Tensor()};
  EXPECT_ERROR(session.run(two_inputs(), outputs), InvalidArgumentError,
               HasSubstr("output 'total': the memory is read-only"));
}

TEST(SessionTest, MissingInputsAreNamed) {
  const InferenceSession session = open_fake(kTwo);
  EXPECT_ERROR(session.run({{"left", two_inputs()[0]}}), InvalidArgumentError,
               "input 'right' is missing: expected float32[2] (engine fake, model <bytes>)");
  EXPECT_ERROR(session.run(NamedTensors()), InvalidArgumentError,
               HasSubstr("input 'left' is missing"));
  EXPECT_ERROR(session.run(std::vector<Tensor>{two_inputs()[0]}), InvalidArgumentError,
               "expected 2 inputs (left, right), got 1 (engine fake, model <bytes>)");
}

TEST(SessionTest, MisnamedInputsNameTheNearest) {
  const InferenceSession session = open_fake(kTwo);
  EXPECT_ERROR(session.run({{"left", two_inputs()[0]}, {"rigth", two_inputs()[1]}}),
               InvalidArgumentError,
               "the model has no input 'rigth'; it has: left, right; did you mean 'right'? "
               "(engine fake, model <bytes>)");
  EXPECT_ERROR(
      session.run({{"left", two_inputs()[0]}, {"qqqqqqq", two_inputs()[1]}}), InvalidArgumentError,
      "the model has no input 'qqqqqqq'; it has: left, right (engine fake, model <bytes>)");
}

TEST(SessionTest, ExtraInputsAreNamed) {
  const InferenceSession session = open_fake(kTwo);
  EXPECT_ERROR(
      session.run(
          {{"left", two_inputs()[0]}, {"right", two_inputs()[1]}, {"middle", two_inputs()[0]}}),
      InvalidArgumentError, HasSubstr("the model has no input 'middle'"));
  std::vector<Tensor> three = two_inputs();
  three.push_back(three[0]);
  EXPECT_ERROR(session.run(three), InvalidArgumentError,
               HasSubstr("expected 2 inputs (left, right), got 3"));
}

TEST(SessionTest, AnInputGivenTwiceIsRefused) {
  const InferenceSession session = open_fake(kScale);
  const auto names = std::make_shared<std::vector<std::string>>(2, "x");
  EXPECT_ERROR(session.run(NamedTensors(names, {row(1, 2), row(3, 4)})), InvalidArgumentError,
               HasSubstr("given twice"), HasSubstr("(engine fake, model <bytes>)"));
}

TEST(SessionTest, RejectsWrongTypesRanksAndDimensions) {
  const InferenceSession session = open_fake(kScale);
  const auto run = [&](const Tensor& x) { session.run({{"x", x}}); };
  EXPECT_ERROR(run(Tensor(DType::kUInt8, {1, 2})), InvalidArgumentError,
               "input 'x': expected float32[N,2], got uint8[1,2] (engine fake, model <bytes>)");
  EXPECT_ERROR(run(Tensor(DType::kFloat32, {2})), InvalidArgumentError,
               "input 'x': expected float32[N,2], got float32[2] (engine fake, model <bytes>)");
  EXPECT_ERROR(run(Tensor(DType::kFloat32, {1, 3})), InvalidArgumentError,
               "input 'x': expected float32[N,2], got float32[1,3] (engine fake, model <bytes>)");
  EXPECT_ERROR(run(Tensor()), InvalidArgumentError,
               "input 'x': the tensor is empty (engine fake, model <bytes>)");
}

TEST(SessionTest, TakesAnyTypeWhereTheModelDoesNotSayOne) {
  Script script{.model = one_to_one({-1}, {-1})};
  script.model.inputs[0].dtype = XPURT_UNDEFINED;
  std::vector<int32_t> seen;
  script.run = [&](const engine::RunArgs& args) {
    seen.push_back(args.input(0).dtype);
    fill_output(args, 0, {1}, 0);
  };
  const InferenceSession session = open_script(std::move(script));
  session.run({{"x", Tensor::from<int64_t>(std::vector<int64_t>{1}, {1})}});
  session.run({{"x", Tensor::from<float>(std::vector<float>{1}, {1})}});
  EXPECT_THAT(seen, ElementsAre(XPURT_INT64, XPURT_FLOAT));
  EXPECT_ERROR(session.warm_up(1), UnsupportedOperationError, HasSubstr("type of input 'x'"));
}

TEST(SessionTest, RejectsMemoryOfAnotherDevice) {
  const InferenceSession session = open_fake(kScale);
  float memory[2] = {};
  const Tensor x = Tensor::wrap(memory, DType::kFloat32, {1, 2}, nullptr, {DeviceType::kCuda, 0});
  EXPECT_ERROR(session.run({{"x", x}}), UnsupportedOperationError,
               HasSubstr("input 'x': the tensor is on cuda:0; only host memory can be bound"));
}

TEST(SessionTest, AWrongInputLeavesTheSessionAsItWas) {
  const InferenceSession session = open_fake(kScale, {.contexts = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(session.run({{"x", Tensor(DType::kInt8, {1, 2})}}), InvalidArgumentError);
    EXPECT_THAT(values_of(session.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4));
  }
}

TEST(SessionTest, RejectsAnEngineWhoseModelIsNotOfTensors) {
  engine::ModelSpec spec = one_to_one({1}, {1});
  spec.outputs[0].kind = XPURT_KIND_SEQUENCE;
  const InferenceSession session = open_script({.model = spec, .run = nullptr});
  EXPECT_ERROR(session.run(std::vector<Tensor>{Tensor::from({1.0F}, {1})}),
               UnsupportedOperationError, HasSubstr("sequences"));
}

TEST(SessionTest, KeepsEmptyDimensions) {
  const InferenceSession session = open_fake(kScale);
  const NamedTensors outputs = session.run({{"x", Tensor(DType::kFloat32, {0, 2})}});
  EXPECT_EQ(outputs[0].shape(), (Shape{0, 2}));
  EXPECT_TRUE(outputs[0]);
  const InferenceSession finding =
      open_fake("fake\ninput x float32 N\noutput y int64 1 found\ny = nonzero x\nend\n");
  EXPECT_EQ(finding.run({{"x", Tensor::from({0.0F, 0.0F}, {2})}})[0].shape(), (Shape{1, 0}));
}

TEST(SessionTest, RunsShapesOfManyDimensions) {
  const InferenceSession session =
      open_fake("fake\ninput x float32 ?\noutput y float32 ?\ny = identity x\nend\n");
  for (int i = 0; i < 2; ++i) {
    const Tensor deep = Tensor::from({1.0F, 2.0F}, {1, 1, 1, 1, 1, 1, 2, 1});
    EXPECT_EQ(session.run({{"x", deep}})[0].shape(), deep.shape());
    EXPECT_EQ(session.run({{"x", Tensor::from({1.0F}, Shape())}})[0].shape(), Shape());
  }
}

TEST(SessionTest, OutputsOutliveTheSession) {
  NamedTensors outputs;
  IOBinding binding = [&] {
    const InferenceSession session = open_fake(kScale);
    outputs = session.run({{"x", row(1, 2)}});
    IOBinding made = session.create_io_binding();
    made.bind_input("x", row(3, 4));
    session.run(made);
    return made;
  }();
  EXPECT_EQ(hooks().models, 0);
  EXPECT_THAT(values_of(outputs[0]), ElementsAre(2, 4));
  EXPECT_THAT(values_of(binding.outputs()[0]), ElementsAre(6, 8));
}

TEST(SessionTest, TellsTheModelsInputsAndOutputs) {
  const InferenceSession session = open_fake(
      "fake\n"
      "input x float32 N<=8 4\n"
      "input k int64 ?\n"
      "output y float32 N 4\n"
      "meta author somebody\n"
      "producer maker\n"
      "opset 17\n"
      "y = identity x\n"
      "end\n");
  const ModelInfo& info = session.model_info();
  ASSERT_EQ(info.inputs.size(), 2U);
  EXPECT_EQ(info.inputs[0].name, "x");
  EXPECT_EQ(info.inputs[0].dtype, DType::kFloat32);
  EXPECT_EQ(info.inputs[0].shape, (Shape{-1, 4}));
  EXPECT_THAT(info.inputs[0].dim_names, ElementsAre("N", ""));
  EXPECT_TRUE(info.inputs[0].has_rank);
  EXPECT_FALSE(info.inputs[1].has_rank);
  EXPECT_EQ(to_string(info.inputs[1]), "int64[...]");
  EXPECT_EQ(info.metadata.at("author"), "somebody");
  EXPECT_EQ(info.producer, "maker");
  EXPECT_EQ(info.opset, 17);
  EXPECT_EQ(session.input_info()[1].name, "k");
  EXPECT_EQ(session.output_info()[0].name, "y");
}

TEST(SessionTest, TellsTheSizesOfOutputs) {
  EXPECT_THAT(open_fake(kTwo).output_sizes(), ElementsAre(8, 8));
  EXPECT_FALSE(open_fake(kTwo).has_dynamic_output());
  EXPECT_THAT(open_fake(kScale).output_sizes(), ElementsAre(0));
  EXPECT_TRUE(open_fake(kScale).has_dynamic_output());
  const InferenceSession zero = open_script({.model = one_to_one({1}, {0, 2}), .run = nullptr});
  EXPECT_TRUE(zero.has_dynamic_output()) << "0 in a declaration is dynamic";
  const InferenceSession scalar = open_script({.model = one_to_one({1}, {}), .run = nullptr});
  EXPECT_THAT(scalar.output_sizes(), ElementsAre(4));
  engine::ModelSpec spec = one_to_one({1}, {});
  spec.outputs[0].has_rank = false;
  EXPECT_TRUE(open_script({.model = spec, .run = nullptr}).has_dynamic_output());
}

TEST(SessionTest, WarmsUpWithZerosOfOneWhereItIsDynamic) {
  std::vector<Shape> shapes;
  float sum = 0;
  const InferenceSession session =
      open_script({.model = one_to_one({-1, 3}, {1}), .run = [&](const engine::RunArgs& args) {
                     const xpurt_value& x = args.input(0);
                     shapes.emplace_back(std::span(x.shape, static_cast<size_t>(x.rank)));
                     for (int i = 0; i < 3; ++i) sum += static_cast<const float*>(x.data)[i];
                     fill_output(args, 0, {1}, 0);
                   }});
  session.warm_up(2);
  EXPECT_THAT(shapes, ElementsAre(Shape{1, 3}, Shape{1, 3}));
  EXPECT_EQ(sum, 0);
  session.warm_up(0);
  EXPECT_EQ(shapes.size(), 2U);
}

TEST(SessionTest, WarmUpThrowsWhatARunThrows) {
  const InferenceSession session =
      open_fake("fake\ninput x float32 1\noutput y float32 1\nfail engine \"no\"\nend\n");
  EXPECT_THROW(session.warm_up(), EngineError);
}

TEST(SessionTest, OpeningAndClosingLeavesNothingAlive) {
  for (int i = 0; i < 3; ++i) {
    InferenceSession session = open_fake(kScale);
    EXPECT_EQ(hooks().models, 1);
    EXPECT_EQ(hooks().contexts, 1);
    EXPECT_EQ(hooks().streams, 1);
    session.run({{"x", row(1, 2)}});
    if (i == 1) session.close();
  }
  EXPECT_EQ(hooks().models, 0);
  EXPECT_EQ(hooks().contexts, 0);
  EXPECT_EQ(hooks().streams, 0);
}

TEST(SessionTest, CannotBeUsedAfterClose) {
  InferenceSession session = open_fake(kScale);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", row(1, 2));
  session.run(binding);
  EXPECT_TRUE(session.is_open());
  session.close();
  session.close();
  EXPECT_FALSE(session.is_open());
  std::vector<Tensor> outputs{Tensor()};
  EXPECT_ERROR(session.run({{"x", row(1, 2)}}), InvalidStateError, "the session is closed");
  EXPECT_THROW(session.run(std::vector<Tensor>{row(1, 2)}), InvalidStateError);
  EXPECT_THROW(session.run(std::vector<Tensor>{row(1, 2)}, outputs), InvalidStateError);
  EXPECT_THROW(session.run(binding), InvalidStateError);
  EXPECT_TRUE(binding.outputs().empty()) << "the run failed";
  EXPECT_THROW(session.warm_up(), InvalidStateError);
  EXPECT_EQ(session.input_info()[0].name, "x") << "what is known of the model stays known";
  EXPECT_EQ(session.report().engine, "fake");
}

TEST(SessionTest, MovesWithItsModel) {
  InferenceSession first = open_fake(kScale);
  InferenceSession second = std::move(first);
  EXPECT_FALSE(first.is_open());  // NOLINT: what is left is part of the contract
  EXPECT_THAT(values_of(second.run({{"x", row(1, 2)}})[0]), ElementsAre(2, 4));
  second = open_fake(kTwo);
  EXPECT_EQ(hooks().models, 1);
  EXPECT_EQ(second.input_info().size(), 2U);
}

TEST(SessionTest, AFailureHalfWayGivesNoOutputAndReleasesWhatWasGiven) {
  const InferenceSession session = open_fake(
      "fake\n"
      "input x float32 N 2\n"
      "output y float32 N 2\n"
      "output z float32 N 2\n"
      "y = give x\n"
      "z = scale x 2\n"
      "fail engine native=42 retryable \"the wheel broke\"\n"
      "end\n");
  std::vector<Tensor> outputs(2);
  const std::vector<Tensor> inputs{row(1, 2)};
  try {
    session.run(inputs, outputs);
    FAIL();
  } catch (const EngineError& error) {
    EXPECT_STREQ(error.what(), "the wheel broke (engine fake, model <bytes>)");
    EXPECT_EQ(error.detail().native_code, 42);
    EXPECT_TRUE(error.detail().retryable);
  }
  EXPECT_FALSE(outputs[0]);
  EXPECT_FALSE(outputs[1]);
  EXPECT_EQ(hooks().given, 0);
  EXPECT_EQ(session.memory().statistics().in_use_bytes, 0U);
  IOBinding binding = session.create_io_binding();
  binding.bind_input("x", inputs[0]);
  EXPECT_THROW(session.run(binding), EngineError);
  EXPECT_TRUE(binding.outputs().empty());
  EXPECT_EQ(hooks().given, 0);
}

TEST(SessionTest, EachFailureOfTheEngineHasItsClass) {
  const auto run = [](const std::string& step) {
    const InferenceSession session =
        open_fake("fake\ninput x float32 1\noutput y float32 1\n" + step + "\nend\n");
    session.warm_up();
  };
#define EXPECT_FAILURE(code, error) EXPECT_THROW(run("fail " code " \"text\""), error)
  EXPECT_FAILURE("invalid_argument", InvalidArgumentError);
  EXPECT_FAILURE("unsupported_operation", UnsupportedOperationError);
  EXPECT_FAILURE("unavailable", UnavailableError);
  EXPECT_FAILURE("deadline_exceeded", DeadlineExceededError);
  EXPECT_FAILURE("cancelled", CancelledError);
  EXPECT_FAILURE("protocol", ProtocolError);
  EXPECT_FAILURE("internal", InternalError);
#undef EXPECT_FAILURE
  EXPECT_ERROR(run("fail out_of_memory asked=9 available=3 \"full\""), OutOfMemoryError,
               HasSubstr("full"));
  EXPECT_ERROR(run("bad_alloc"), OutOfMemoryError, HasSubstr("out of memory in the engine"));
  EXPECT_ERROR(run("throw_int"), InternalError, HasSubstr("threw something unknown"));
}

TEST(SessionTest, AnOutputThatNoMemoryHoldsIsOutOfMemoryAndTheSessionGoesOn) {
  bool huge = true;
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {-1}), .run = [&](const engine::RunArgs& args) {
                     if (huge) args.reserve(0, uint64_t{1} << 60);
                     fill_output(args, 0, {2}, 1);
                   }});
  const std::vector<Tensor> inputs{Tensor::from({1.0F}, {1})};
  try {
    session.run(inputs);
    FAIL();
  } catch (const OutOfMemoryError& error) {
    EXPECT_EQ(error.detail().asked, uint64_t{1} << 60);
    EXPECT_THAT(error.what(), HasSubstr("cannot allocate"));
  }
  huge = false;
  EXPECT_THAT(values_of(session.run(inputs)[0]), ElementsAre(1, 1));
  const InferenceSession fake =
      open_fake("fake\noutput y float32 ?\ny = fill 1 1000000000 1000000\nend\n");
  EXPECT_THROW(fake.run(NamedTensors()), OutOfMemoryError);
  EXPECT_THROW(fake.run(NamedTensors()), OutOfMemoryError);
}

TEST(SessionTest, OutputsOfAStreamAreReadyWhenTheRunReturns) {
  // The fake engine returns from context_run at once and does the work in its stream.
  const InferenceSession session = open_fake(kScale);
  for (float i = 0; i < 50; ++i) {
    EXPECT_THAT(values_of(session.run({{"x", row(i, -i)}})[0]), ElementsAre(2 * i, -2 * i));
    EXPECT_EQ(hooks().runs_now, 0);
  }
}

TEST(SessionTest, AFailureInTheStreamIsTheRuns) {
  const int released = hooks().released;
  const InferenceSession session = open_fake(
      "fake\ninput x float32 N 2\noutput y float32 N 2\ny = give x\nfail engine \"late\"\nend\n");
  for (int i = 1; i <= 2; ++i) {
    EXPECT_ERROR(session.run({{"x", row(1, 2)}}), EngineError, HasSubstr("late"));
    EXPECT_EQ(hooks().released, released + i);
  }
}

TEST(SessionTest, StateStaysInTheOneContextOfAStatefulModel) {
  const InferenceSession session = open_fake(
      "fake\ninput x float32 1\noutput y float32 1\ny = accumulate x\nend\n", {.contexts = 8});
  EXPECT_EQ(session.report().contexts, 1U);
  const std::vector<Tensor> one{Tensor::from({1.0F}, {1})};
  for (float expected = 1; expected <= 3; ++expected) {
    EXPECT_THAT(values_of(session.run(one)[0]), ElementsAre(expected));
  }
  EXPECT_EQ(hooks().contexts, 1);
}

TEST(SessionTest, ALostContextIsReplaced) {
  int made = 0;
  bool lose = true;
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {1}),
                   .run =
                       [&](const engine::RunArgs& args) {
                         if (lose)
                           throw engine::Failure(XPURT_ENGINE, "reset", 0, XPURT_CONTEXT_LOST);
                         fill_output(args, 0, {1}, 1);
                       },
                   .create_context = [&] { ++made; }},
                  {.contexts = 1});
  EXPECT_EQ(made, 1);
  EXPECT_THROW(session.warm_up(), EngineError);
  lose = false;
  session.warm_up(3);
  EXPECT_EQ(made, 2);
}

TEST(SessionTest, ALostContextIsReleasedAndOneThatOnlyFailedIsNot) {
  const std::string program = "fake\ninput x float32 1\noutput y float32 1\nfail engine ";
  const InferenceSession losing = open_fake(program + "context_lost \"lost\"\nend\n");
  EXPECT_THROW(losing.warm_up(), EngineError);
  EXPECT_EQ(hooks().contexts, 0);
  EXPECT_EQ(hooks().streams, 0);
  const InferenceSession failing = open_fake(program + "\"failed\"\nend\n");
  EXPECT_THROW(failing.warm_up(), EngineError);
  EXPECT_EQ(hooks().contexts, 1);
}

TEST(SessionTest, AfterTheModelIsLostNothingRuns) {
  InferenceSession session = open_fake(
      "fake\ninput x float32 1\noutput y float32 1\nfail engine model_lost \"gone\"\nend\n");
  EXPECT_ERROR(session.warm_up(), EngineError, "gone (engine fake, model <bytes>)");
  EXPECT_ERROR(session.warm_up(), InvalidStateError,
               "the engine lost the model in an earlier run (engine fake, model <bytes>); open the "
               "session again");
  session.close();
  EXPECT_EQ(hooks().models, 0);
}

TEST(SessionTest, AContextThatCannotBeMadeFailsTheOpening) {
  EXPECT_ERROR(open_fake("fake\noutput y float32 1\nfail_context out_of_memory \"no room\"\nend\n",
                         {.device = "cpu"}),
               OutOfMemoryError, "no room (engine fake, model <bytes>)");
  EXPECT_EQ(hooks().models, 0);
}

TEST(SessionTest, AFailureOfOneRunIsNotToldOfTheNext) {
  int run = 0;
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {1}), .run = [&](const engine::RunArgs&) {
                     if (++run == 1)
                       throw engine::Failure(XPURT_OUT_OF_MEMORY, "first", 7, XPURT_RETRYABLE);
                     throw engine::HostFailure{XPURT_ENGINE};  // a code, and no call of host->fail
                   }});
  EXPECT_THROW(session.warm_up(), OutOfMemoryError);
  try {
    session.warm_up();
    FAIL();
  } catch (const EngineError& error) {
    EXPECT_STREQ(error.what(), "the engine gave no reason (engine script, model <bytes>)");
    EXPECT_EQ(error.detail().native_code, 0);
    EXPECT_FALSE(error.detail().retryable);
  }
}

TEST(SessionTest, ReportsWhatARunDid) {
  const InferenceSession session = open_fake(kScale, {.device = "intel_npu:1"});
  RunReport report;
  report.copies.push_back({"old", 1, "of a run before"});
  session.run({{"x", row(1, 2)}}, {.report = &report});
  EXPECT_EQ(report.engine, "fake");
  EXPECT_EQ(report.engine_version, "1.0");
  EXPECT_EQ(report.device, (Device{DeviceType::kIntelNpu, 1}));
  EXPECT_THAT(report.copies, IsEmpty());
  EXPECT_EQ(report.bytes_copied(), 0U);
  EXPECT_GT(report.run_time.count(), 0);
}

TEST(SessionTest, ReportsARunThatFailed) {
  const InferenceSession session = open_fake(kScale);
  RunReport report;
  EXPECT_THROW(session.run(NamedTensors(), {.report = &report}), InvalidArgumentError);
  EXPECT_EQ(report.engine, "fake");
}

TEST(SessionTest, ReportsACopyOfAMisalignedInput) {
  alignas(64) std::byte memory[64] = {};
  const Tensor x = Tensor::wrap(memory + 4, DType::kFloat32, {1, 2});
  const InferenceSession session = open_fake(kScale);
  RunReport report;
  session.run({{"x", x}}, {.report = &report});
  ASSERT_EQ(report.copies.size(), 1U);
  EXPECT_EQ(report.copies[0].what, "x");
  EXPECT_EQ(report.copies[0].bytes, 8U);
  EXPECT_EQ(report.copies[0].why, "the engine needs memory aligned to 16 bytes");
  EXPECT_EQ(report.bytes_copied(), 8U);
}

TEST(SessionTest, ReportsACopyOfWhatWasGivenIntoBoundMemory) {
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {2}), .run = [](const engine::RunArgs& args) {
                     static float own[2] = {3, 4};
                     const int64_t shape[] = {2};
                     args.give(
                         0, engine::RunArgs::tensor(XPURT_FLOAT, shape, own, sizeof(own)),
                         [](void* token) { static_cast<float*>(token)[0] = -1; }, own);
                   }});
  const std::vector<Tensor> inputs{Tensor::from({1.0F}, {1})};
  float memory[2] = {};
  std::vector<Tensor> outputs{Tensor::wrap(memory, DType::kFloat32, {2})};
  RunReport report;
  session.run(inputs, outputs, {.report = &report});
  ASSERT_EQ(report.copies.size(), 1U);
  EXPECT_EQ(report.copies[0].what, "y");
  EXPECT_EQ(report.copies[0].bytes, 8U);
  EXPECT_EQ(report.copies[0].why, "the engine made the output in memory of its own");
  EXPECT_THAT(memory, ElementsAre(3, 4)) << "copied before it was released";
}

TEST(SessionTest, ReportsWhatTheEngineCopied) {
  const InferenceSession session = open_fake(kScale, {.engine_options = {{"report_copies", "1"}}});
  RunReport report;
  session.run({{"x", row(1, 2)}}, {.report = &report});
  ASSERT_EQ(report.copies.size(), 1U);
  EXPECT_EQ(report.copies[0].what, "");
  EXPECT_EQ(report.copies[0].bytes, 8U);
  EXPECT_EQ(report.copies[0].why, "the fake engine copies its results");
  session.run({{"x", row(1, 2)}});  // nobody to tell
}

TEST(SessionTest, TakesAReportOfACopyWithoutAReason) {
  const InferenceSession session =
      open_script({.model = one_to_one({1}, {1}), .run = [](const engine::RunArgs& args) {
                     args.copied(3, nullptr);
                     fill_output(args, 0, {1}, 0);
                   }});
  RunReport report;
  session.run(std::vector<Tensor>{Tensor::from({1.0F}, {1})}, {.report = &report});
  ASSERT_EQ(report.copies.size(), 1U);
  EXPECT_EQ(report.copies[0].bytes, 3U);
}

TEST(SessionTest, KeepsItsOutputsInItsPool) {
  const InferenceSession session = open_fake(kScale, {.engine_options = {{"headroom", "1"}}});
  {
    const NamedTensors outputs = session.run({{"x", row(1, 2)}});
    EXPECT_EQ(session.memory().statistics().in_use_bytes, 8U);
  }
  session.run({{"x", row(1, 2)}});
  EXPECT_EQ(session.memory().statistics().allocations, 1U);
  EXPECT_EQ(session.memory().statistics().reuses, 1U);
  EXPECT_EQ(session.memory().trim(), 8U);
}

}  // namespace
}  // namespace xpuruntime
