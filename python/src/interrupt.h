// SPDX-License-Identifier: Apache-2.0
/// Ctrl-C during synchronous runs: docs/decisions/0011-ctrl-c.md says how, and why so.
#pragma once

#include <nanobind/nanobind.h>
#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <thread>
#include <utility>

#include "gil.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::python {

/// A synchronous run, in a scope that begins and ends with the GIL. Ctrl-C stops it if this is
/// Python's main thread: through `stop`, or where that is null, by InferenceSession::interrupt().
class MainRun {
 public:
  /// Raises what a signal's handler raises that is due before the run.
  MainRun(const InferenceSession& session, std::stop_source* stop)
      : is_main_(pthread_equal(pthread_self(), main_thread_) != 0) {
    if (is_main_) begin(session, stop);
  }
  MainRun(const MainRun&) = delete;
  MainRun& operator=(const MainRun&) = delete;
  ~MainRun() {
    if (is_main_) number_.store(0, std::memory_order_release);
  }

  /// Once, when the module is imported.
  static void note_main_thread();
  /// With the GIL: from now on Ctrl-C is noticed during runs, if the main thread says so and Ctrl-C
  /// raises KeyboardInterrupt.
  static void watch();

 private:
  static void begin(const InferenceSession& session, std::stop_source* stop);
  static void on_signal(int signal);
  static bool stop_interrupted();
  static void stop_when_interrupted();
  static void start_thread();

  static inline pthread_t main_thread_{};
  static inline std::thread::id main_thread_id_{};  ///< the same
  static inline std::atomic<uint64_t> number_{0};   ///< of the run that goes on; 0: none does
  static inline std::atomic<uint64_t> interrupted_{0};
  // With the GIL:
  static inline uint64_t last_number_ = 0;
  static inline const InferenceSession* session_ = nullptr;
  static inline std::stop_source* stop_ = nullptr;

  const bool is_main_;
};

/// Raises what a signal's handler raises that is due. With the GIL.
inline void raise_if_interrupted() {
  if (PyErr_CheckSignals() != 0) nanobind::raise_python_error();
}

/// Calls `run`, which runs `session`, without the GIL. Ctrl-C raises.
template <typename Run>
auto run_interruptibly(const InferenceSession& session, Run&& run,
                       std::stop_source* stop = nullptr) {
  try {
    const MainRun main_run(session, stop);
    const GilRelease release;
    return std::forward<Run>(run)();
  } catch (const CancelledError&) {
    raise_if_interrupted();
    throw;
  }
}

}  // namespace xpuruntime::python
