// SPDX-License-Identifier: Apache-2.0
/// Many threads: models, contexts and loads at once. Wrong numbers and the sanitizers tell.
#include <atomic>
#include <barrier>
#include <thread>

#include "engine_under_test.h"

namespace xpuruntime::conformance {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 25;

/// `body(thread)` on every thread, begun together.
template <typename Body>
void on_threads(Body&& body) {
  std::barrier begin(kThreads);
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      begin.arrive_and_wait();
      body(i);
    });
  }
}

const Example& pick(const TestModel& model, int i) {
  return model.examples[static_cast<size_t>(i) % model.examples.size()];
}

TEST_P(Conformance, RunsContextsOfOneModelAtOnce) {
  const Model model = plugin().load(basic().source);
  on_threads([&](int thread) {
    const Context context = model.context();
    for (int round = 0; round < kRounds; ++round) {
      expect_right(context, basic(), pick(basic(), thread + round));
    }
  });
}

TEST_P(Conformance, RunsAContextOnOneThreadAfterAnother) {
  const Model model = plugin().load(basic().source);
  const Context context = model.context();
  for (int i = 0; i < kThreads; ++i) {
    std::jthread([&] { expect_right(context, basic(), pick(basic(), i)); });
  }
}

TEST_P(Conformance, RunsAllModelsAtOnce) {
  std::vector<Model> models;
  for (const TestModel& declared : engine().models) {
    models.push_back(plugin().load(declared.source));
  }
  on_threads([&](int thread) {
    for (size_t i = 0; i < models.size(); ++i) {
      const size_t at = (i + static_cast<size_t>(thread)) % models.size();
      const Context context = models[at].context();
      for (const Example& example : engine().models[at].examples) {
        expect_right(context, engine().models[at], example);
      }
    }
  });
}

TEST_P(Conformance, LoadsWhileItRuns) {
  const Model model = plugin().load(basic().source);
  on_threads([&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      if (thread % 2 == 0) {
        expect_right(model.context(), basic(), pick(basic(), round));
      } else {
        const Model other = plugin().load(basic().source);
        if (round == 0) expect_right(other.context(), basic(), pick(basic(), round));
      }
    }
  });
}

TEST_P(Conformance, FailsOnOneContextAndRunsOnAnother) {
  const Model model = plugin().load(basic().source);
  std::vector<Tensor> wrong = basic().examples.at(0).inputs;
  std::vector<int64_t> shape = wrong[0].shape();
  shape.push_back(1);
  wrong[0] = Tensor(wrong[0].dtype(), shape);
  on_threads([&](int thread) {
    const Context context = model.context();
    for (int round = 0; round < kRounds; ++round) {
      if (thread % 2 == 0) {
        expect_right(context, basic(), pick(basic(), round));
      } else {
        Sink sink(basic().outputs.size());
        EXPECT_FALSE(context.run(wrong, sink, basic().outputs.size()).ok());
      }
    }
  });
}

}  // namespace
}  // namespace xpuruntime::conformance
