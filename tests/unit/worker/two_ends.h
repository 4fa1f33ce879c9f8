// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <future>
#include <memory>
#include <string>

#include "worker/error.h"
#include "worker/handshake.h"
#include "worker/transport.h"

namespace xpuruntime::worker {

inline TimePoint soon() { return Clock::now() + std::chrono::seconds(20); }

/// Reads what a worker would find on its command line.
inline WorkerArguments arguments_of(const ParentEnd& end) {
  WorkerArguments read;
  const auto words = end.arguments();
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    const std::string& value = words[i + 1];
    if (words[i] == "--transport") read.transport = value;
    if (words[i] == "--connect") read.address = value;
    if (words[i] == "--requests") read.requests = value;
    if (words[i] == "--replies") read.replies = value;
    if (words[i] == "--folder") read.folder = value;
    if (words[i] == "--fd") read.descriptor = fcntl(end.inherited(), F_DUPFD_CLOEXEC, 0);
  }
  return read;
}

/// Both ends of one connection, in one process.
struct TwoEnds {
  explicit TwoEnds(Transport transport) {
    const auto end = ParentEnd::make(transport);
    auto there = std::async(std::launch::async, [&, arguments = arguments_of(*end)] {
      auto channel = open_worker_end(arguments);
      greet_parent(*channel, {.worker = "test", .pid = 7, .token = end->token()}, soon());
      return channel;
    });
    parent = end->connect(soon(), [] { return true; }, hello);
    worker = there.get();
  }

  std::unique_ptr<Channel> parent, worker;
  Hello hello;
};

}  // namespace xpuruntime::worker
