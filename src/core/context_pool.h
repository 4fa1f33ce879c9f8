// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "clock.h"
#include "loaded_model.h"
#include "run_frame.h"
#include "waiting_line.h"

namespace xpuruntime {

/// What one run needs of the engine, and a frame to run with.
class Context {
 public:
  Context(const LoadedModel& model, MemoryPool::State& pool);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const LoadedEngine& engine() const noexcept { return engine_; }
  xpurt_context* handle() const noexcept { return context_; }
  xpurt_stream* stream() const noexcept { return stream_; }
  RunFrame& frame() noexcept { return frame_; }

  // For the thread that leases it, runs() apart. A run that is not timed pays for a comparison and
  // an addition (docs/decisions/0004-latency-statistics.md).
  bool is_to_be_timed() const noexcept { return runs() >= next_timed_; }
  void count_run() noexcept { runs_.store(runs() + 1, std::memory_order_relaxed); }
  /// Before the timed run is counted. `always`: so is the next one.
  void set_last_time(std::chrono::nanoseconds time, bool always) noexcept;
  uint64_t runs() const noexcept { return runs_.load(std::memory_order_relaxed); }
  /// The run timed last took 100 us or more, or none was yet.
  bool is_long() const noexcept { return is_long_; }

  /// Before the engine is called: the run of that id is this thread's.
  void note_run(uint64_t id) noexcept {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    run_.store(id, std::memory_order_release);  // after it: who sees the id sees its thread
  }
  /// Any thread. Cancels the run noted last if it is that thread's; one that is over is not meant.
  void interrupt(std::thread::id thread) const noexcept;

 private:
  const LoadedEngine& engine_;
  xpurt_context* context_ = nullptr;
  xpurt_stream* stream_ = nullptr;
  std::atomic<uint64_t> runs_{0};
  std::atomic<uint64_t> run_{0};
  std::atomic<std::thread::id> thread_{};
  uint64_t next_timed_ = 0;
  bool is_long_ = true;
  RunFrame frame_;
};

/// A session's Contexts, made when they are first needed and leased to one run each. The one that
/// came back last goes out first: what it has cached fits best. While nobody waits, a lease costs
/// two atomic exchanges and no lock. Those that wait are let in by priority, then in order; a run
/// that comes meanwhile may overtake one of a lower priority, and as long as that is patient, one
/// of its own.
class ContextPool {
 public:
  ContextPool(std::shared_ptr<LoadedModel> model, size_t limit, MemoryPool::State& pool);
  ~ContextPool() { close(); }

  class Lease {
   public:
    Lease(ContextPool& pool, Context* context) noexcept : pool_(pool), context_(context) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(context_, lost_); }
    Context* operator->() const noexcept { return context_; }
    /// The engine said that the Context cannot be used again.
    void lose() noexcept { lost_ = true; }

   private:
    ContextPool& pool_;
    Context* context_;
    bool lost_ = false;
  };

  /// Waits while all Contexts are leased. Throws InvalidStateError when closed, and what the engine
  /// fails with when it cannot make one.
  Lease lease() { return {*this, take()}; }
  struct WaitLimit {
    Clock& clock;
    std::optional<TimePoint> deadline{};
    std::stop_token stop_token{};
    bool for_job = false;  ///< also after refuse_runs()
    int32_t priority = 0;  ///< higher ones first; leases without a limit have 0
  };
  /// Waits no longer than that. Throws also DeadlineExceededError, CancelledError.
  Lease lease(const WaitLimit& limit) { return {*this, take_within(limit)}; }
  /// Cancels that thread's run, or its wait for a Context.
  void interrupt(std::thread::id thread) noexcept;
  /// From now on, only jobs get leases: what close() begins with.
  void refuse_runs();
  /// While it is on (several may ask for it at once), leases inside a callback of this session
  /// throw InvalidStateError: the Context they would wait for may wait for them.
  void guard_callbacks(bool on) noexcept;
  /// The engine said that the model cannot be used again: later leases throw InvalidStateError.
  void lose_model();
  /// Waits for leased Contexts, then frees them and the model. false: they were not back when the
  /// time came; no lease is given any more. Idempotent.
  bool close(const WaitLimit* limit = nullptr);
  bool is_open() const noexcept;
  uint64_t run_count() const;  ///< of all Contexts there ever were

 private:
  Context* take() {
    if (!watched_.load(std::memory_order_acquire)) {
      if (Context* context = hot_.exchange(nullptr, std::memory_order_acq_rel)) return context;
    }
    return take_slowly();
  }
  class Waiting;
  Context* take_slowly(const WaitLimit* limit = nullptr);
  Context* take_within(const WaitLimit& limit);
  void check_open_locked(const WaitLimit* limit) const;
  void check_limit_locked(const WaitLimit* limit) const;
  Context* make_one(std::unique_lock<std::mutex>& lock);
  void give_back(Context* context, bool lost) noexcept;
  void take_in(Context* context, bool lost) noexcept;
  bool collect_locked() noexcept;
  void watch_locked() noexcept;
  bool may_overtake_locked(int32_t priority) const noexcept;

  std::shared_ptr<LoadedModel> model_;
  const std::string where_;  // outlives the model
  const size_t limit_;
  MemoryPool::State& memory_;
  /// The Context that came back last, when nobody waited for it.
  std::atomic<Context*> hot_{nullptr};
  /// Somebody waits, or leases are to fail or to be looked at: no Context may stay in hot_. It is
  /// set before hot_ is looked at, and looked at after hot_ was set, so that one of the two sees
  /// the other.
  std::atomic<bool> watched_{false};
  mutable std::mutex mutex_;
  std::condition_variable came_back_;  // for close()
  WaitingLine waiting_;
  std::vector<std::unique_ptr<Context>> all_;
  std::vector<Context*> free_;
  size_t being_made_ = 0;
  size_t in_callbacks_ = 0;
  uint64_t runs_of_gone_ = 0;
  bool refuses_runs_ = false;
  bool closed_ = false;
  bool model_lost_ = false;
};

}  // namespace xpuruntime
