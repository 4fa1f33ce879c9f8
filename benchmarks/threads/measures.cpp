// SPDX-License-Identifier: Apache-2.0
#include "measures.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <utility>

namespace xpuruntime::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

/// Of one call, over `calls` of them.
double time_alone(const Runner& runner, int calls) {
  runner.run();
  const auto begin = Clock::now();
  for (int i = 0; i < calls; ++i) runner.run();
  return microseconds_since(begin) / calls;
}

std::pair<double, double> time_in_turn(const Runner& a, const Runner& b, int calls) {
  std::pair<double, double> times;
  for (int i = 0; i < calls; ++i) {
    auto begin = Clock::now();
    a.run();
    times.first += microseconds_since(begin) / calls;
    begin = Clock::now();
    b.run();
    times.second += microseconds_since(begin) / calls;
  }
  return times;
}

/// Of one call, where `callers` threads make `calls` in all, each as many as it comes to: none is
/// done long before the others. The callers look at the clock themselves: another thread would have
/// to wait for a core to do so.
double time_callers(const Runner& runner, int callers, int calls) {
  std::latch ready(callers);
  std::atomic<int> left{calls};
  std::vector<Clock::time_point> begins(static_cast<size_t>(callers));
  std::vector<Clock::time_point> ends(begins.size());
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < begins.size(); ++i) {
    threads.emplace_back([&, i] {
      ready.arrive_and_wait();
      begins[i] = Clock::now();
      while (left-- > 0) runner.run();
      ends[i] = Clock::now();
    });
  }
  threads.clear();  // joins
  const std::chrono::duration<double, std::micro> time =
      std::ranges::max(ends) - std::ranges::min(begins);
  return time.count() / calls;
}

Measure measure(const std::vector<double>& times, const std::vector<double>& baseline) {
  return {median(times), median(baseline), ratio_of_medians(times, baseline)};
}

}  // namespace

Runner::Runner(const std::string& model, const std::string& engine,
               std::map<std::string, std::string> options)
    : session_(model, {.engine = engine, .device = "cpu", .engine_options = std::move(options)}) {
  for (const auto& info : session_.input_info()) {
    inputs_.emplace_back(info.dtype, info.shape);
    for (float& value : inputs_.back().mutable_values<float>()) value = 0.5F;
  }
}

void Runner::run() const { session_.run(inputs_); }

int Runner::calls_in(double milliseconds) const {
  return std::max(1, static_cast<int>(milliseconds * 1000 / time_alone(*this, 20)));
}

std::vector<Measure> alternately(const Runner& a, const Runner& b, int rounds, double slice_ms) {
  const int calls = std::max(a.calls_in(slice_ms), b.calls_in(slice_ms));
  std::vector<double> alone[2];
  std::vector<double> in_turn[2];
  for (int i = 0; i < rounds; ++i) {
    alone[0].push_back(time_alone(a, calls));
    const auto [first, second] = time_in_turn(a, b, calls);
    in_turn[0].push_back(first);
    in_turn[1].push_back(second);
    alone[1].push_back(time_alone(b, calls));
  }
  return {measure(in_turn[0], alone[0]), measure(in_turn[1], alone[1])};
}

Measure callers_at_once(const Runner& runner, int callers, int rounds, double slice_ms) {
  const int calls = std::max(callers * 8, runner.calls_in(slice_ms));
  std::vector<double> one;
  std::vector<double> many;
  for (int i = 0; i < rounds; ++i) {
    one.push_back(time_callers(runner, 1, calls));
    many.push_back(time_callers(runner, callers, calls));
  }
  Measure result = measure(one, many);  // throughput: the inverse of the time of one item
  std::swap(result.microseconds, result.baseline);
  return result;
}

Measure against_spinning(const std::string& model, int rounds, double slice_ms) {
  std::vector<double> ours;
  std::vector<double> spinning;
  for (int i = 0; i < rounds; ++i) {
    for (const bool spins : {i % 2 == 0, i % 2 != 0}) {
      std::map<std::string, std::string> options;
      if (spins) options["session.intra_op.spin_duration_us"] = "1000";  // ONNX Runtime's default
      const Runner runner(model, "onnxrt", std::move(options));
      (spins ? spinning : ours).push_back(time_alone(runner, runner.calls_in(slice_ms)));
    }
  }
  return measure(ours, spinning);
}

double idle_cores(double seconds) {
  const auto cpu_seconds = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
  };
  const double before = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  return (cpu_seconds() - before) / seconds;
}

}  // namespace xpuruntime::benchmarks
