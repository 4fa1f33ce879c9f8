// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "byte_stream.h"
#include "channel.h"
#include "segments.h"

namespace xpuruntime::worker {

/// Frames over a stream of bytes: unix, tcp, pipe; and with segments shared_memory, where payloads
/// do not go through the stream.
class StreamChannel : public Channel {
 public:
  /// `segments` may be null.
  StreamChannel(ByteStream stream, std::unique_ptr<Segments> segments);

  std::shared_ptr<Block> allocate(uint64_t bytes) override;
  void send(const Message& message, TimePoint until) override;
  std::optional<Message> receive(TimePoint until) override;
  void set_max_payload(uint64_t bytes) override { max_payload_ = bytes; }

 private:
  std::optional<Message> receive_one(TimePoint until);
  bool read_more(TimePoint until);
  const std::byte* next(size_t bytes);
  void take(std::span<std::byte> to);
  std::shared_ptr<Block> receive_payload(const Header& header, const Place& place);

  ByteStream stream_;
  std::unique_ptr<Segments> segments_;
  uint64_t max_payload_ = kMaxPayloadBytes;
  std::mutex sending_;
  bool is_broken_ = false;  ///< a frame went out in part
  // What was read and not looked at yet: [begin_, end_) of buffer_.
  std::vector<std::byte> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace xpuruntime::worker
