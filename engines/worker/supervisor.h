// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "live_worker.h"
#include "worker/messages.h"

namespace xpuruntime::worker_engine {

/// Keeps one model loaded in a worker process: when that is gone, the next run starts another,
/// after a pause that grows while workers go without having done a run. Thread-safe.
class Supervisor {
 public:
  /// `bytes`: the model, where the request has no path. `where`: as LiveWorker takes it. Loads the
  /// model. Throws Failure.
  Supervisor(Target target, Settings settings, worker::LoadRequest request,
             std::vector<std::byte> bytes, std::string where,
             const LiveWorker::OnProgress& on_progress);

  const Settings& settings() const noexcept { return settings_; }
  const worker::LoadedFacts& facts() const noexcept { return facts_; }
  /// A worker that has the model; waits for one to be there. `check` is asked several times a
  /// second and ends the wait by throwing. Throws Failure.
  std::shared_ptr<LiveWorker> worker(const LiveWorker::Check& check);
  /// A run was answered: the worker is no hopeless case.
  void note_answer() noexcept { failures_ = 0; }

 private:
  using TimePoint = worker::TimePoint;
  std::shared_ptr<LiveWorker> start(const LiveWorker::Check& check,
                                    const LiveWorker::OnProgress& on_progress,
                                    worker::LoadedFacts& facts);
  void restart(std::unique_lock<std::mutex>& lock, const LiveWorker::Check& check);

  const Target target_;
  const Settings settings_;
  const std::shared_ptr<const worker::Address> address_;  ///< null: none was chosen
  const worker::LoadRequest request_;
  const std::vector<std::byte> bytes_;
  const std::string where_;
  worker::LoadedFacts facts_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<LiveWorker> worker_;
  bool is_starting_ = false;
  std::atomic<int> failures_{0};  ///< workers in a row that went
  TimePoint not_before_{};
};

}  // namespace xpuruntime::worker_engine
