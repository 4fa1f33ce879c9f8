// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "channel.h"
#include "messages.h"

namespace xpuruntime::worker {

/// A parent's side of the protocol: many threads ask over one channel. It has no thread of its
/// own: one of those that wait for an answer receives, for all of them. Thread-safe.
class Connection {
 public:
  explicit Connection(std::unique_ptr<Channel> channel,
                      std::function<void(const LogLine& line)> on_log = nullptr);

  std::shared_ptr<Block> allocate(uint64_t bytes) { return channel_->allocate(bytes); }

  /// A request that was sent and is to be waited for, until it has been answered or the connection
  /// is lost. Its payload stays as it is as long as it lives.
  class Request {
   public:
    ~Request();
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    using OnProgress = std::function<void(const Progress& progress)>;
    /// The answer, a reply or an error; nothing when the time has come. Throws PeerGone, BadFrame,
    /// TimedOut: nothing can be asked any more. What `on_progress` throws goes through.
    std::optional<Message> wait(TimePoint until, const OnProgress& on_progress = nullptr);
    /// Asks the worker to end it soon. Any thread; again and again, if need be.
    void cancel();

   private:
    friend class Connection;
    Request(Connection& connection, uint64_t id, std::shared_ptr<Block> payload)
        : connection_(connection), id_(id), payload_(std::move(payload)) {}
    Connection& connection_;
    const uint64_t id_;
    std::shared_ptr<Block> payload_;
  };

  /// Throws as Request::wait().
  std::unique_ptr<Request> ask(MessageType type, std::string json, std::shared_ptr<Block> payload,
                               TimePoint until);

 private:
  struct Pending {
    std::optional<Message> answer;
    std::vector<Progress> progress;
  };
  std::optional<Message> wait(uint64_t id, TimePoint until, const Request::OnProgress& on_progress);
  void receive_once(std::unique_lock<std::mutex>& lock, TimePoint until);
  void take(Message message);
  void forget(uint64_t id);

  std::unique_ptr<Channel> channel_;
  std::function<void(const LogLine&)> on_log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<uint64_t, Pending> pending_;
  uint64_t last_id_ = 0;
  bool is_receiving_ = false;   ///< one of the threads that wait does
  std::exception_ptr failure_;  ///< the end of it
};

}  // namespace xpuruntime::worker
