// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "settings.h"
#include "target.h"
#include "worker/connection.h"
#include "worker/process.h"

namespace xpuruntime::worker_engine {

/// A worker process that was started and has said hello, and the connection to it. Ends with its
/// last owner. Thread-safe.
class LiveWorker {
 public:
  /// `address`: that is to be used, or null. `where`: what the host adds to words of failures, and
  /// the session inside has added already. Throws Failure.
  LiveWorker(const Target& target, const Settings& settings,
             const worker::Address* address = nullptr, std::string where = "");
  ~LiveWorker();
  LiveWorker(const LiveWorker&) = delete;
  LiveWorker& operator=(const LiveWorker&) = delete;

  worker::Connection& connection() const { return *connection_; }
  /// Nothing can be asked of it any more.
  bool is_lost() const;
  /// For a worker that hangs: `why` is what the requests in flight fail with.
  void kill(const std::string& why);

  using Check = std::function<void()>;
  using OnProgress = worker::Connection::Request::OnProgress;
  /// The JSON that it replies. `check` is asked several times a second and ends the wait by
  /// throwing. Throws Failure: what the worker answers, or what became of it.
  std::string ask(worker::MessageType type, const std::string& json,
                  std::shared_ptr<worker::Block> payload, std::chrono::nanoseconds timeout,
                  const Check& check = nullptr, const OnProgress& on_progress = nullptr);

  /// Throws what the worker said in a message `error`.
  [[noreturn]] void throw_error(const worker::Message& message) const;
  /// The exception in flight (PeerGone, BadFrame, ...) as a Failure that tells how the worker ended
  /// and what it wrote last. Call in a catch block only.
  [[noreturn]] void throw_lost();

 private:
  std::string name_;
  std::string where_;
  std::unique_ptr<worker::Process> process_;
  std::unique_ptr<worker::Connection> connection_;
  mutable std::mutex mutex_;
  bool is_lost_ = false;
  std::string why_killed_;
};

}  // namespace xpuruntime::worker_engine
