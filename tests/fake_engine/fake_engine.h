// SPDX-License-Identifier: Apache-2.0
/// Engine "fake": runs small programs in text, and uses every slot of the seam. Tests write a
/// program that does the very thing they want to see the host cope with.
///
/// It is stream-ordered (device_table() makes streams), asks for bytes before it knows the shape,
/// runs asynchronously, reports progress, cancels, keeps deadlines and state, saves, fingerprints.
///
/// A model (format "fake": a path, bytes, or what save() wrote), one statement a line, `#`
/// comments:
///
///   fake                            first line
///   input x float32 N<=8 4          -1: dynamic; N: dynamic and named; N<=8: bounded; ?: no rank
///   output y float32 N 4
///   meta author somebody            also: producer NAME, opset NUMBER, parallelism NUMBER
///   load_steps 3                    progress is called three times with phase "parse"
///   fail_load CODE ... "text"       like `fail`, at load; fail_context: at context_create
///   y = scale x 2                   steps, run in this order; they go on after a commit
///   end                             last line: a truncated file has none
///
/// Results that are no declared output are inner values; `extra_outputs` can ask for them.
/// An output that no step makes is left uncommitted, and no result is checked against what
/// was declared: bad engines are tested with that.
///   identity A           any type, a copy
///   concat A B           any type, along axis 0
///   give A               any type, a copy in the engine's own buffer
///   give_input A         any type, A's own memory
///   scale A K            float32 and float64, as those below
///   scale_in_place A K   in A's own memory if A is DONATED
///   add A B
///   sum A                rank 0
///   accumulate A         A plus all earlier A of this context; the model is STATEFUL then
///   nonzero A            int64 [rank, found]
///   fill V D...          float32 of shape D
///   weights V...         float32 memory of the model, READ_ONLY
/// Steps without a result:
///   block                waits until the gate is open, the run is cancelled or its deadline passes
///   leak BYTES           takes memory, writes it and lets nobody give it back
///   meet N               waits until N runs are here at once, or this one is cancelled
///   fail CODE [FLAG...] [native=N] [asked=N] [available=N] "text"
///                        CODE: engine, out_of_memory, ...
///                        FLAG: retryable, context_lost, model_lost
///   bad_alloc | throw_int
///
/// Options: report_copies (bool), reserve_steps (int: reserves before the last one), headroom
/// (float: the last one asks for that many times the bytes), outputs (reserve, or give: all own
/// buffers), pass.* (strings, shown in the metadata). Devices: cpu:0, intel_npu:0, intel_npu:1.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::fake {

/// Where `block` waits. Open unless a test closes it. Thread-safe.
class Gate {
 public:
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// For tests: returns once `count` runs wait at the gate.
  void wait_until_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  /// For the engine: waits until open, `stop()` or the deadline; true if open.
  bool pass(const std::function<bool()>& stop, std::chrono::steady_clock::time_point deadline);
  /// For the engine: lets those who wait look at their `stop()` again.
  void wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
};

/// Where `meet` waits for others. Thread-safe.
class Meeting {
 public:
  /// Returns when `count` runs are here, or on `stop()`; true if they are.
  bool join(int count, const std::function<bool()>& stop);
  /// For the engine: lets those who wait look at their `stop()` again.
  void wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int here_ = 0;
  int held_ = 0;  ///< meetings so far
};

/// What tests look at and steer by.
struct Hooks {
  std::atomic<int> models{0};         ///< alive
  std::atomic<int> contexts{0};       ///< alive
  std::atomic<int> streams{0};        ///< alive
  std::atomic<int> given{0};          ///< buffers handed out and not released yet
  std::atomic<int> released{0};       ///< releases so far
  std::atomic<int> runs{0};           ///< begun so far
  std::atomic<int> runs_now{0};       ///< going on
  std::atomic<int> runs_most{0};      ///< the most that ever went on at once
  std::atomic<int> loads{0};          ///< begun so far
  std::atomic<uint64_t> last_run{0};  ///< run_id of the run begun last
  Gate gate;
  Meeting meeting;
};

/// The hooks of the engine linked into this program. Those of the plug-in are another object: its
/// xpurt_plugin_query(kHooksInterface, 1, host).
Hooks& hooks();
inline constexpr const char* kHooksInterface = "fake_hooks";

class FakeEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "fake";
  /// Streams of device type CPU, index 0: each a thread that does its work in order.
  static const xpurt_device_table* device_table();

  const engine::EngineSpec& spec() override;
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override;
  void fingerprint(const engine::LoadArgs& args, const engine::Writer& writer) override;
};

}  // namespace xpuruntime::fake
