// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "loaded_session.h"
#include "worker/channel.h"

namespace xpuruntime::worker_service {

/// Answers the requests of one parent. Of its threads, one receives; it does itself what it has
/// received, and another receives meanwhile, so that a request is answered by the thread that its
/// coming woke, and a cancel is heard while runs go on.
class Service {
 public:
  explicit Service(worker::Channel& channel);

  /// Until shutdown is asked for. Throws PeerGone, BadFrame, TimedOut, while runs may still go on.
  void serve();

 private:
  /// A request that can be cancelled, while it is done.
  struct Running {
    std::stop_source stop;
  };

  void work();
  std::optional<worker::Message> receive(std::stop_token& stop);
  void answer(const worker::Message& request, const std::stop_token& stop);
  worker::Message reply_to(const worker::Message& request, const std::stop_token& stop);
  void load(const worker::Message& request, const std::stop_token& stop, worker::Message& reply);
  worker::Message run(const worker::Message& request, const std::stop_token& stop);
  std::string stats() const;
  std::shared_ptr<const LoadedSession> session() const;
  void begin_threads(size_t count);
  void end(std::exception_ptr failure);

  worker::Channel& channel_;
  const worker::TimePoint begun_ = worker::Clock::now();
  std::mutex receiving_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const LoadedSession> session_;
  std::map<uint64_t, std::stop_source> running_;
  std::vector<std::thread> threads_;
  bool has_ended_ = false;
  uint64_t shutdown_id_ = 0;
  std::exception_ptr failure_;
  std::atomic<bool> is_loading_{false};
  // Of runs.
  uint64_t runs_ = 0;
  uint64_t failed_ = 0;
  double last_run_time_ = 0;
  double total_run_time_ = 0;
};

}  // namespace xpuruntime::worker_service
