// SPDX-License-Identifier: Apache-2.0
/// Workers that are killed, hang, or cannot start.
#include <atomic>
#include <random>
#include <thread>

#include "isolated.h"

namespace xpuruntime::worker_engine {
namespace {

using testing::HasSubstr;

pid_t only_worker() {
  const auto found = workers();
  EXPECT_EQ(found.size(), 1u);
  return found.empty() ? 0 : found.front();
}

/// Stops it, and comes back when it has stopped.
void stop(pid_t worker) {
  kill(worker, SIGSTOP);
  while (state_of(worker) != 'T') std::this_thread::yield();
}

NamedTensors input() { return {{"x", Tensor(DType::kFloat32, {2, 16})}}; }

/// Runs until it fails, as it soon must, and gives the words.
template <typename Error>
std::string words_of_run(const InferenceSession& session, const RunOptions& options = {}) {
  try {
    session.run(input(), options);
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "it ran";
  return "";
}

TEST(FaultTest, FailsTheRunInFlightAndStartsAnotherWorker) {
  const Traces before;
  {
    SessionConfig config = isolated();
    const InferenceSession session(model("mlp"), config);
    std::string words;
    pid_t killed = 0;
    // A run that begins after the kill finds the next worker, and tells nothing.
    for (int attempt = 0; words.empty() && attempt < 100; ++attempt) {
      session.run(input());
      killed = only_worker();
      stop(killed);  // it answers no more
      std::thread runner([&] {
        try {
          session.run(input());
        } catch (const EngineError& error) {
          words = error.what();
        }
      });
      std::this_thread::yield();
      kill(killed, SIGKILL);
      runner.join();
    }
    EXPECT_THAT(words, HasSubstr("the worker process " + std::to_string(killed) +
                                 " was killed by signal 9 (Killed)"));
    session.run(input());
    EXPECT_NE(only_worker(), killed);
  }
  EXPECT_EQ(Traces(), before);
}

TEST(FaultTest, SurvivesFiftyKillsUnderLoad) {
  const Traces before;
  for (const std::string& transport : every_transport()) {
    SCOPED_TRACE(transport);
    const InferenceSession session(model("mlp"), isolated(transport));
    std::atomic<int> done{0};
    std::atomic<int> failed{0};
    std::atomic<bool> is_over{false};
    const auto load = [&] {
      while (!is_over) {
        try {
          const auto y = session.run(input()).at("y");
          EXPECT_EQ(y.shape(), Shape({2, 4}));
          ++done;
        } catch (const EngineError& error) {
          EXPECT_TRUE(error.detail().retryable);
          ++failed;
        }
      }
    };
    std::thread one(load);
    std::thread two(load);
    std::mt19937 random(1);
    for (int kills = 0; kills < 10; ++kills) {
      // A moment is a number of runs from now, and a bit.
      const int until = done + 1 + static_cast<int>(random() % 20);
      while (done < until) std::this_thread::yield();
      for (auto spins = random() % 20'000; spins > 0; --spins)
        std::atomic_signal_fence(std::memory_order_seq_cst);
      for (const pid_t worker : workers()) kill(worker, SIGKILL);
    }
    const int until = done + 5;
    while (done < until) std::this_thread::yield();
    is_over = true;
    one.join();
    two.join();
    EXPECT_GT(failed, 0);
    EXPECT_NO_THROW(session.run(input()));
  }
  EXPECT_EQ(Traces(), before);
}

TEST(FaultTest, KillsAWorkerThatNeverAnswers) {
  SessionConfig config = isolated();
  config.engine_options = {{"worker.run_timeout", "3"}};
  const InferenceSession session(model("mlp"), config);
  const pid_t first = only_worker();
  stop(first);
  EXPECT_THAT(words_of_run<EngineError>(session),
              HasSubstr("it did not answer a run within worker.run_timeout and was killed"));
  EXPECT_NO_THROW(session.run(input()));
  EXPECT_NE(only_worker(), first);
}

TEST(FaultTest, EndsARunThatDoesNotHeedItsDeadline) {
  SessionConfig config = isolated();
  config.engine_options = {{"worker.cancel_timeout", "0.05"}};
  const InferenceSession session(model("mlp"), config);
  stop(only_worker());
  words_of_run<DeadlineExceededError>(session, {.timeout = std::chrono::milliseconds(50)});
  EXPECT_NO_THROW(session.run(input()));
}

TEST(FaultTest, ClosesASessionWhoseWorkerHangs) {
  const Traces before;
  InferenceSession session(model("mlp"), isolated());
  stop(only_worker());
  session.close();
  EXPECT_EQ(Traces(), before);
}

TEST(FaultTest, SaysHowAWorkerEndedThatCannotStart) {
  const Traces before;
  SessionConfig config = isolated();
  config.engine_options = {{"worker.memory_limit", "3000000"}};
  try {
    const InferenceSession session(model("mlp"), config);
    FAIL();
  } catch (const EngineError& error) {
    EXPECT_THAT(error.what(), testing::AnyOf(HasSubstr("was killed by signal"),
                                             HasSubstr("exited with code 127")));
  }
  config.engine_options = {{"worker.cpus", "1000"}};
  EXPECT_THROW(InferenceSession(model("mlp"), config), UnavailableError);
  EXPECT_EQ(Traces(), before);
}

TEST(FaultTest, SaysThatTheProgramIsNotThere) {
  start_first_worker();  // a program that never started once is not asked for again
  SessionConfig config = isolated();
  setenv("XPURT_WORKER_PROGRAM", "/no/such/program", 1);
  EXPECT_THROW(InferenceSession(model("mlp"), config), UnavailableError);
  setenv("XPURT_WORKER_PROGRAM", "program", 1);
  EXPECT_THROW(InferenceSession(model("mlp"), config), InvalidArgumentError);
}

TEST(FaultTest, NoticesThatTheModelIsAnotherOne) {
  const std::string path = testing::TempDir() + "changing.onnx";
  std::filesystem::copy_file(model("mlp"), path, std::filesystem::copy_options::overwrite_existing);
  const InferenceSession session(path, isolated());
  std::filesystem::copy_file(model("add"), path, std::filesystem::copy_options::overwrite_existing);
  kill(only_worker(), SIGKILL);
  // The first run may be on its way to the worker that is being killed.
  EXPECT_THROW(
      {
        for (int i = 0; i < 2; ++i) {
          try {
            session.run(input());
          } catch (const EngineError&) {
          }
        }
      },
      ModelMismatchError);
}

}  // namespace
}  // namespace xpuruntime::worker_engine
