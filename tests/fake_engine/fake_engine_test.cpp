// SPDX-License-Identifier: Apache-2.0
/// What the fake engine does beyond the conformance suite: what other tests rely on.
#include "fake_engine.h"

#include <gtest/gtest.h>

#include <thread>

#include "conformance_host.h"
#include "xpuruntime/engine/export.h"

namespace xpuruntime::fake {
namespace {

using conformance::Context;
using conformance::Error;
using conformance::Job;
using conformance::LoadOptions;
using conformance::Model;
using conformance::Outcome;
using conformance::Plugin;
using conformance::RunCall;
using conformance::RunOptions;
using conformance::Sink;
using conformance::Source;
using conformance::Tensor;

const std::string kScale = "input x float32 N<=8\noutput y float32 N\n";

class FakeEngineTest : public testing::Test {
 protected:
  FakeEngineTest() : plugin_(engine::plugin<FakeEngine>()) {
    hooks().released = 0;
    hooks().runs_most = 0;
  }
  ~FakeEngineTest() override {
    EXPECT_EQ(hooks().models, 0);
    EXPECT_EQ(hooks().contexts, 0);
    EXPECT_EQ(hooks().streams, 0);
    EXPECT_EQ(hooks().given, 0);
    EXPECT_EQ(hooks().runs_now, 0);
  }

  Model load(const std::string& lines, const LoadOptions& options = {}) const {
    return plugin_.load(Source::bytes("fake\n" + lines + "end\n"), options);
  }
  Outcome refused(const std::string& text) const {
    xpurt_model* model = nullptr;
    return plugin_.try_load(Source::bytes(text), {}, &model);
  }

  Plugin plugin_;
  std::vector<Tensor> inputs_{Tensor::of<float>({2}, {1, 2})};
};

TEST_F(FakeEngineTest, NamesTheLineThatIsWrong) {
  EXPECT_NE(refused("fake\nopset 9\nopset nine\nend\n").text.find("line 3"), std::string::npos);
  EXPECT_NE(refused("fake\ny = scale x 2\nend\n").text.find("'x'"), std::string::npos);
  EXPECT_NE(refused("fake\n").text.find("truncated"), std::string::npos);
}

TEST_F(FakeEngineTest, DescribesItsModel) {
  LoadOptions options;
  options.options = {{"pass.note", "hello"}};
  const Model model =
      load(kScale + "y = scale x 2\nopset 7\nproducer me\nparallelism 3\n", options);
  const xpurt_model_info& info = model.info();
  EXPECT_EQ(info.opset, 7);
  EXPECT_STREQ(info.producer, "me");
  EXPECT_EQ(info.parallelism, 3u);
  EXPECT_STREQ(info.inputs[0]->dim_names[0], "N");
  EXPECT_EQ(info.inputs[0]->max_shape[0], 8);
  ASSERT_EQ(info.metadata_count, 1u);
  EXPECT_STREQ(info.metadata[0]->key, "pass.note");
  EXPECT_STREQ(info.metadata[0]->value, "hello");
}

TEST_F(FakeEngineTest, FailsAtLoadAndAtContextAsTold) {
  const Outcome load_failure =
      refused("fake\nfail_load out_of_memory asked=9 available=3 \"no\"\nend\n");
  EXPECT_EQ(load_failure.status, XPURT_OUT_OF_MEMORY);
  EXPECT_EQ(load_failure.asked, 9u);
  EXPECT_EQ(load_failure.available, 3u);
  const Model model = load("fail_context engine model_lost \"no context\"\n");
  xpurt_context* context = nullptr;
  Error error;
  const Outcome failure =
      error.outcome(plugin_.engine()->context_create(model.get(), &context, error.get()));
  EXPECT_EQ(failure.status, XPURT_ENGINE);
  EXPECT_EQ(failure.flags, XPURT_MODEL_LOST);
  EXPECT_EQ(failure.text, "no context");
}

TEST_F(FakeEngineTest, ThrowsWhatIsNoException) {
  const Model model = load(kScale + "y = give x\nthrow_int\n");
  const Context context = model.context();
  Sink sink(1);
  EXPECT_EQ(context.run(inputs_, sink, 1).status, XPURT_INTERNAL);
  EXPECT_EQ(hooks().released, 1) << "what a failed run gave is released once";
}

TEST_F(FakeEngineTest, RunsOutOfMemory) {
  const Model model = load(kScale + "bad_alloc\n");
  Sink sink(1);
  EXPECT_EQ(model.context().run(inputs_, sink, 1).status, XPURT_OUT_OF_MEMORY);
}

TEST_F(FakeEngineTest, FailsHalfWayWithFlags) {
  const Model model = load(kScale + "y = scale x 2\nfail engine context_lost native=42 \"hung\"\n");
  const Context context = model.context();
  Sink sink(1);
  const Outcome outcome = context.run(inputs_, sink, 1);
  EXPECT_EQ(outcome.status, XPURT_ENGINE);
  EXPECT_EQ(outcome.native_code, 42);
  EXPECT_EQ(outcome.flags, XPURT_CONTEXT_LOST);
  EXPECT_NE(sink.output(0), nullptr) << "the output was committed before the run failed";
}

TEST_F(FakeEngineTest, GivesAViewOfItsInputAndItsWeights) {
  const Model model = load(
      "input x float32 2\noutput y float32 2\noutput w float32 1\n"
      "y = give_input x\nw = weights 5\n");
  const Context context = model.context();
  Sink sink(2);
  ASSERT_TRUE(context.run(inputs_, sink, 2).ok());
  EXPECT_EQ(sink.output(0)->data, inputs_[0].data());
  EXPECT_EQ(sink.output(0)->flags, 0u);
  EXPECT_EQ(sink.output(1)->flags, XPURT_VALUE_READ_ONLY);
}

TEST_F(FakeEngineTest, WritesADonatedInputInPlace) {
  const Model model = load(kScale + "y = scale_in_place x 3\n");
  const Context context = model.context();
  Sink sink(1);
  RunOptions options;
  options.donated = {0};
  ASSERT_TRUE(context.run(inputs_, sink, 1, options).ok());
  EXPECT_EQ(sink.output(0)->data, inputs_[0].data());
  EXPECT_EQ(inputs_[0].as<float>()[1], 6);
}

TEST_F(FakeEngineTest, ReservesInStepsAndReportsCopies) {
  LoadOptions options;
  options.options = {{"reserve_steps", "2"}, {"report_copies", "true"}, {"headroom", "1.5"}};
  const Model model = load(kScale + "y = identity x\n", options);
  const Context context = model.context();
  Sink sink(1);
  RunCall call(inputs_, sink, 1);
  ASSERT_TRUE(context.run(call).ok());
  EXPECT_EQ(sink.reserves(), 3);
  EXPECT_EQ(call.copied(), 8u);
}

TEST_F(FakeEngineTest, CountsRunsThatGoOnAtOnce) {
  const Model model = load(kScale + "block\ny = scale x 2\n");
  hooks().gate.close();
  std::vector<std::jthread> runners;
  for (int i = 0; i < 3; ++i) {
    runners.emplace_back([&] {
      const Context context = model.context();
      Sink sink(1);
      EXPECT_TRUE(context.run(inputs_, sink, 1).ok());
    });
  }
  hooks().gate.wait_until_waiting(3);
  EXPECT_EQ(hooks().runs_now, 3);
  hooks().gate.open();
  runners.clear();
  EXPECT_EQ(hooks().runs_most, 3);
}

TEST_F(FakeEngineTest, EndsABlockedRunAtItsDeadline) {
  const Model model = load(kScale + "block\ny = scale x 2\n");
  const Context context = model.context();
  hooks().gate.close();
  RunOptions options;
  options.deadline_ns =
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count() + 1000;
  Sink sink(1);
  EXPECT_EQ(context.run(inputs_, sink, 1, options).status, XPURT_DEADLINE_EXCEEDED);
  hooks().gate.open();
}

TEST_F(FakeEngineTest, LeavesTheNextRunAloneWhenTheLastIsCancelledLate) {
  const Model model = load(kScale + "block\ny = scale x 2\n");
  const Context context = model.context();
  Sink first(1);
  RunCall before(inputs_, first, 1);
  ASSERT_TRUE(context.run(before).ok());
  hooks().gate.close();
  Sink second(1);
  RunCall call(inputs_, second, 1);
  Job job(plugin_.engine(), context, call);
  hooks().gate.wait_until_waiting(1);
  context.cancel(before.id());
  hooks().gate.open();
  EXPECT_TRUE(job.wait().ok());
}

/// A stream of the engine.
class StreamTest : public FakeEngineTest {
 protected:
  StreamTest() {
    Error error;
    EXPECT_EQ(table_->stream_create(table_->self, 0, &stream_, error.get()), XPURT_OK);
  }
  ~StreamTest() override { table_->stream_release(stream_); }
  Outcome synchronize() const {
    Error error;
    return error.outcome(table_->stream_synchronize(stream_, error.get()));
  }
  RunOptions in_stream() const {
    RunOptions options;
    options.stream = stream_;
    return options;
  }

  const xpurt_device_table* table_ = FakeEngine::device_table();
  xpurt_stream* stream_ = nullptr;
};

TEST_F(StreamTest, ReturnsBeforeTheOutputsAreWritten) {
  const Model model = load(kScale + "block\ny = scale x 2\n");
  const Context context = model.context();
  hooks().gate.close();
  Sink sink(1);
  RunCall call(inputs_, sink, 1, in_stream());
  ASSERT_TRUE(context.run(call).ok());
  ASSERT_NE(sink.output(0), nullptr) << "committed: its shape is known";
  hooks().gate.wait_until_waiting(1);
  EXPECT_EQ(sink.output(0)->data[0], conformance::GuardedMemory::kPattern) << "not written yet";
  hooks().gate.open();
  ASSERT_TRUE(synchronize().ok());
  EXPECT_EQ(sink.copy(0).as<float>()[1], 4);
}

TEST_F(StreamTest, ReadsWhatAnEarlierRunInItWrites) {
  const Model model = load(kScale + "block\ny = scale x 2\n");
  const Context one = model.context();
  const Context two = model.context();
  const Tensor between = Tensor::of<float>({2}, {0, 0});
  hooks().gate.close();
  Sink first(1);
  first.bind(0, between.dtype(), between.shape(), between.data(), between.bytes());
  RunCall write(inputs_, first, 1, in_stream());
  Sink second(1);
  RunCall read({between}, second, 1, in_stream());
  ASSERT_TRUE(one.run(write).ok());
  ASSERT_TRUE(two.run(read).ok());
  hooks().gate.open();
  ASSERT_TRUE(synchronize().ok());
  EXPECT_EQ(second.copy(0).as<float>()[1], 8);
}

TEST_F(StreamTest, CancelsWhatIsInIt) {
  const Model model = load(kScale + "block\ny = scale x 2\n");
  const Context context = model.context();
  hooks().gate.close();
  Sink sink(1);
  RunCall call(inputs_, sink, 1, in_stream());
  ASSERT_TRUE(context.run(call).ok());
  hooks().gate.wait_until_waiting(1);
  context.cancel(call.id());
  EXPECT_EQ(synchronize().status, XPURT_CANCELLED);
  hooks().gate.open();
}

}  // namespace
}  // namespace xpuruntime::fake
