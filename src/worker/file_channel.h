// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>

#include "channel.h"
#include "descriptor.h"

namespace xpuruntime::worker {

/// json_file: each frame a file, in a folder that goes when either side does.
class FileChannel : public Channel {
 public:
  enum class Side : bool { kParent, kWorker };
  /// `life`: a socket whose end says that the other side is gone; none for a worker that was
  /// started by hand. Throws TransportFailure.
  FileChannel(std::filesystem::path folder, Side side, Descriptor life);
  ~FileChannel() override;

  std::shared_ptr<Block> allocate(uint64_t bytes) override;
  void send(const Message& message, TimePoint until) override;
  std::optional<Message> receive(TimePoint until) override;
  void set_max_payload(uint64_t bytes) override { max_payload_ = bytes; }
  void abandon() noexcept override;

 private:
  std::filesystem::path file(const char* prefix, uint64_t number) const;
  std::optional<std::string> take_file();
  bool wait_for_file(TimePoint until);

  const std::filesystem::path folder_;
  const char* const out_;
  const char* const in_;
  Descriptor life_;
  Descriptor watch_;
  uint64_t max_payload_ = kMaxPayloadBytes;
  std::mutex sending_;
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
};

}  // namespace xpuruntime::worker
