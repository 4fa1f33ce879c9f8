// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "call.h"
#include "infer_messages.h"
#include "worker/channel.h"

namespace xpuruntime::worker_grpc {

/// Frames as messages of one call. It has no thread of its own: one of those that wait looks at the
/// completion queue, for all of them.
class GrpcChannel : public worker::Channel {
 public:
  /// `sends`: what this side sends; the other side sends the other kind.
  GrpcChannel(std::unique_ptr<Call> call, Kind sends);
  ~GrpcChannel() override = default;

  std::shared_ptr<worker::Block> allocate(uint64_t bytes) override;
  void send(const worker::Message& message, worker::TimePoint until) override;
  std::optional<worker::Message> receive(worker::TimePoint until) override;
  void set_max_payload(uint64_t bytes) override { max_payload_ = bytes; }

 private:
  bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& is_done,
            worker::TimePoint until);
  void take(Step step, bool ok);
  grpc::ByteBuffer next_read();

  const Kind sends_;
  uint64_t max_payload_ = worker::kMaxPayloadBytes;
  std::mutex sending_;  ///< one write at a time
  std::mutex mutex_;    ///< for all below
  std::condition_variable changed_;
  bool is_looking_ = false;  ///< a thread waits at the queue
  bool is_open_ = false;
  bool has_read_ = false;
  bool is_over_ = false;    ///< nothing more is to be read
  bool is_broken_ = false;  ///< nothing more can be written
  bool is_writing_ = false;
  grpc::ByteBuffer read_;
  std::unique_ptr<Call> call_;  ///< goes first: what is on its way ends with it
};

}  // namespace xpuruntime::worker_grpc
