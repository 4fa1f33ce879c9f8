// SPDX-License-Identifier: Apache-2.0
/// The optional slots: cancel, deadline, start, state, save, fingerprint, streams. What an engine
/// lacks, it says.
#include <atomic>
#include <thread>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

TEST_P(Conformance, LeavesRunsAloneThatWereNotCancelled) {
  const Model model = plugin().load(basic().source);
  const Context context = model.context();
  const Example& example = basic().examples.at(0);
  RunOptions options;
  options.id = next_run_id();
  context.cancel(options.id + 1'000'000);
  expect_right(context, basic(), example, options);
  context.cancel(options.id);  // too late: it is over
  context.cancel(options.id);
  expect_right(context, basic(), example);
}

/// Blocks the model's runs while it lives.
class Blocked {
 public:
  explicit Blocked(const BlockingModel& model) : model_(model) { model_.block(true); }
  ~Blocked() { model_.block(false); }

 private:
  const BlockingModel& model_;
};

/// A cancel before the run has begun does nothing, so it is asked until the run has ended.
template <typename Ended>
void cancel_until(const Context& context, uint64_t run_id, Ended&& ended) {
  while (!ended()) {
    context.cancel(run_id);
    std::this_thread::yield();
  }
}

TEST_P(Conformance, CancelsARun) {
  XPURT_NEEDS(kCancel);
  ASSERT_TRUE(engine().blocking);
  const BlockingModel& blocking = *engine().blocking;
  const Model model = plugin().load(blocking.model.source);
  const Context context = model.context();
  for (int round = 0; round < 3; ++round) {
    const Blocked blocked(blocking);
    Sink sink(blocking.model.outputs.size());
    RunCall call(blocking.model.examples.at(0).inputs, sink, blocking.model.outputs.size());
    Outcome outcome;
    std::atomic<bool> ended = false;
    std::jthread runner([&] {
      outcome = context.run(call);
      ended = true;
    });
    cancel_until(context, call.id(), [&] { return ended.load(); });
    runner.join();
    expect_failed(outcome, XPURT_CANCELLED);
    sink.release_given();
  }
  expect_right(context, blocking.model, blocking.model.examples.at(0));
}

TEST_P(Conformance, KeepsADeadlineThatHasPassed) {
  XPURT_NEEDS(kDeadline);
  const Model model = plugin().load(basic().source);
  const Context context = model.context();
  Sink sink(basic().outputs.size());
  RunOptions options;
  options.deadline_ns = 1;  // long ago, on the steady clock
  expect_failed(context.run(basic().examples.at(0).inputs, sink, basic().outputs.size(), options),
                XPURT_DEADLINE_EXCEEDED);
  expect_right(context, basic(), basic().examples.at(0));
}

TEST_P(Conformance, SaysWhatItDoesNotSupport) {
  const xpurt_engine* table = plugin().engine();
  const Model model = plugin().load(basic().source);
  const Context context = model.context();
  if (why_not(Feature::kStart) != nullptr && table->context_start != nullptr) {
    Sink sink(basic().outputs.size());
    RunCall call(basic().examples.at(0).inputs, sink, basic().outputs.size());
    Job job(table, context, call);
    expect_failed(job.started(), XPURT_UNSUPPORTED_OPERATION);
    EXPECT_EQ(job.dones(), 0);
  }
  if (why_not(Feature::kState) != nullptr && table->context_reset != nullptr) {
    Error error;
    expect_failed(error.outcome(table->context_reset(context.get(), error.get())),
                  XPURT_UNSUPPORTED_OPERATION);
  }
  if (why_not(Feature::kSave) != nullptr && table->model_save != nullptr) {
    std::string bytes;
    expect_failed(plugin().save(model, bytes), XPURT_UNSUPPORTED_OPERATION);
    EXPECT_TRUE(bytes.empty());
  }
  if (why_not(Feature::kSave) != nullptr) {
    xpurt_model* made = nullptr;
    const Outcome outcome = plugin().try_load(Source::compiled("a compiled model"), {}, &made);
    EXPECT_FALSE(outcome.ok());
    EXPECT_FALSE(outcome.text.empty());
  }
  if (why_not(Feature::kInnerValues) != nullptr) {
    LoadOptions options;
    options.extra_outputs = {"inner"};
    xpurt_model* made = nullptr;
    EXPECT_FALSE(plugin().try_load(basic().source, options, &made).ok());
  }
}

TEST_P(Conformance, EndsAStartedRunOnce) {
  XPURT_NEEDS(kStart);
  const Model model = plugin().load(basic().source);
  std::vector<Context> contexts;
  for (int i = 0; i < 4; ++i) contexts.push_back(model.context());
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<Sink>> sinks;
    std::vector<std::unique_ptr<RunCall>> calls;
    std::vector<std::unique_ptr<Job>> jobs;
    for (size_t i = 0; i < contexts.size(); ++i) {
      const Example& example = basic().examples[i % basic().examples.size()];
      sinks.push_back(std::make_unique<Sink>(example.outputs.size()));
      calls.push_back(std::make_unique<RunCall>(example.inputs, *sinks[i], example.outputs.size()));
      jobs.push_back(std::make_unique<Job>(plugin().engine(), contexts[i], *calls[i]));
    }
    for (size_t i = 0; i < jobs.size(); ++i) {
      const Outcome outcome = jobs[i]->wait();
      ASSERT_TRUE(outcome.ok()) << outcome.text;
      EXPECT_EQ(jobs[i]->dones(), 1);
      expect_outputs(*sinks[i], basic(), basic().examples[i % basic().examples.size()]);
    }
  }
}

TEST_P(Conformance, EndsAStartedRunThatFails) {
  XPURT_NEEDS(kStart);
  XPURT_NEEDS(kFailing);
  ASSERT_TRUE(engine().failing);
  const FailingModel& failing = *engine().failing;
  const Model model = plugin().load(failing.model.source);
  Context context = model.context();
  Sink sink(failing.model.outputs.size());
  RunCall call(failing.model.examples.at(0).inputs, sink, failing.model.outputs.size());
  Job job(plugin().engine(), context, call);
  expect_failed(job.wait(), failing.code);
  context.reset();  // whatever it had left to do is done
  EXPECT_EQ(job.dones(), job.started().ok() ? 1 : 0);
  sink.release_given();
}

TEST_P(Conformance, CancelsAStartedRun) {
  XPURT_NEEDS(kStart);
  XPURT_NEEDS(kCancel);
  ASSERT_TRUE(engine().blocking);
  const BlockingModel& blocking = *engine().blocking;
  const Blocked blocked(blocking);
  const Model model = plugin().load(blocking.model.source);
  Context context = model.context();
  Sink sink(blocking.model.outputs.size());
  RunCall call(blocking.model.examples.at(0).inputs, sink, blocking.model.outputs.size());
  Job job(plugin().engine(), context, call);
  ASSERT_TRUE(job.started().ok()) << job.started().text;
  cancel_until(context, call.id(), [&] { return job.dones() != 0; });
  expect_failed(job.wait(), XPURT_CANCELLED);
  context.reset();
  EXPECT_EQ(job.dones(), 1);
  sink.release_given();
}

TEST_P(Conformance, KeepsStateByContextUntilReset) {
  XPURT_NEEDS(kState);
  ASSERT_TRUE(engine().stateful);
  const TestModel& declared = *engine().stateful;
  const Model model = plugin().load(declared.source);
  EXPECT_NE(model.info().flags & XPURT_MODEL_STATEFUL, 0u);
  const Context first = model.context();
  for (const Example& example : declared.examples) expect_right(first, declared, example);
  const Context second = model.context();
  expect_right(second, declared, declared.examples.at(0));
  Error error;
  const Outcome reset = error.outcome(plugin().engine()->context_reset(first.get(), error.get()));
  ASSERT_TRUE(reset.ok()) << reset.text;
  for (const Example& example : declared.examples) expect_right(first, declared, example);
  expect_right(second, declared, declared.examples.at(1));
}

TEST_P(Conformance, LoadsWhatItSaved) {
  XPURT_NEEDS(kSave);
  EXPECT_NE(plugin().info().traits & XPURT_TRAIT_SAVES, 0u);
  std::string bytes;
  {
    const Outcome saved = plugin().save(plugin().load(basic().source), bytes);
    ASSERT_TRUE(saved.ok()) << saved.text;
  }
  ASSERT_FALSE(bytes.empty());
  const Model model = plugin().load(Source::compiled(bytes));
  for (const Example& example : basic().examples) {
    expect_right(model.context(), basic(), example);
  }
  bytes.resize(bytes.size() / 2);
  xpurt_model* made = nullptr;
  const Outcome outcome = plugin().try_load(Source::compiled(bytes), {}, &made);
  EXPECT_FALSE(outcome.ok());
  EXPECT_FALSE(outcome.text.empty());
  EXPECT_EQ(made, nullptr);
}

TEST_P(Conformance, FingerprintsAlwaysTheSame) {
  if (plugin().engine()->fingerprint == nullptr) GTEST_SKIP() << "it has no fingerprint";
  std::string first;
  std::string second;
  ASSERT_TRUE(plugin().fingerprint(basic().source, {}, first).ok());
  ASSERT_TRUE(plugin().fingerprint(basic().source, {}, second).ok());
  EXPECT_EQ(first, second);
}

/// A stream of the plug-in's device table.
class Stream {
 public:
  explicit Stream(const xpurt_device_table* table) : table_(table) {
    Error error;
    const xpurt_status status = table->stream_create(table->self, 0, &stream_, error.get());
    if (status != XPURT_OK) throw std::runtime_error(error.outcome(status).text);
  }
  ~Stream() { table_->stream_release(stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  xpurt_stream* get() const { return stream_; }
  Outcome synchronize() const {
    Error error;
    return error.outcome(table_->stream_synchronize(stream_, error.get()));
  }

 private:
  const xpurt_device_table* table_;
  xpurt_stream* stream_ = nullptr;
};

TEST_P(Conformance, RunsInStreamOrder) {
  XPURT_NEEDS(kStreams);
  ASSERT_NE(plugin().device(), nullptr);
  EXPECT_NE(plugin().info().traits & XPURT_TRAIT_STREAM_ORDERED, 0u);
  const Stream stream(plugin().device());
  RunOptions options;
  options.stream = stream.get();
  for (const TestModel& declared : engine().models) {
    SCOPED_TRACE(declared.name);
    const Model model = plugin().load(declared.source);
    std::vector<Context> contexts;  // one a run, as all runs are in the stream at once
    std::vector<std::unique_ptr<Sink>> sinks;
    std::vector<std::unique_ptr<RunCall>> calls;
    for (size_t i = 0; i < declared.examples.size(); ++i) {
      const Example& example = declared.examples[i];
      contexts.push_back(model.context());
      sinks.push_back(std::make_unique<Sink>(example.outputs.size()));
      calls.push_back(
          std::make_unique<RunCall>(example.inputs, *sinks[i], example.outputs.size(), options));
      const Outcome outcome = contexts[i].run(*calls[i]);
      ASSERT_TRUE(outcome.ok()) << outcome.text;
    }
    const Outcome outcome = stream.synchronize();
    ASSERT_TRUE(outcome.ok()) << outcome.text;
    for (size_t i = 0; i < sinks.size(); ++i) {
      expect_outputs(*sinks[i], declared, declared.examples[i]);
    }
  }
}

TEST_P(Conformance, ReportsAFailureInAStreamOnce) {
  XPURT_NEEDS(kStreams);
  XPURT_NEEDS(kFailing);
  ASSERT_TRUE(engine().failing);
  const FailingModel& failing = *engine().failing;
  const Stream stream(plugin().device());
  const Model model = plugin().load(failing.model.source);
  const Context context = model.context();
  Sink sink(failing.model.outputs.size());
  RunOptions options;
  options.stream = stream.get();
  RunCall call(failing.model.examples.at(0).inputs, sink, failing.model.outputs.size(), options);
  Outcome outcome = context.run(call);
  if (outcome.ok()) outcome = stream.synchronize();
  expect_failed(outcome, failing.code);
  EXPECT_NE(outcome.text.find(failing.text), std::string::npos) << outcome.text;
  EXPECT_TRUE(stream.synchronize().ok());
  sink.release_given();
}

}  // namespace
}  // namespace xpuruntime::conformance
