// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "channel.h"

namespace xpuruntime::worker {

/// How a worker process is to be started.
struct ProcessSpec {
  std::vector<std::string> command{};  ///< the program, an absolute path, and its arguments
  std::vector<std::pair<std::string, std::string>> environment{};  ///< besides our own
  int inherited = -1;                                              ///< becomes kInherited
  uint64_t memory_limit = 0;                                       ///< address space; 0: none
  std::vector<int> cpus{};                                         ///< empty: all of ours
  int death_signal = 9;  ///< that it gets when this process dies
  /// Told each line that it writes to its standard output or error; on a thread of ours.
  std::function<void(const std::string& line)> on_line{};
};

/// A child process that is not outlived by anything: it is killed with its last owner, and by the
/// kernel with this process. Thread-safe.
class Process {
 public:
  /// Throws TransportFailure, also for a program that cannot be executed.
  static std::unique_ptr<Process> start(ProcessSpec spec);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const noexcept;
  bool lives() const;
  void kill() noexcept;
  /// Until it has ended and its last lines are there; false: the time has come.
  bool wait(TimePoint until) const;
  /// "exited with code 1", "was killed by signal 9 (Killed)"; "" while it lives.
  std::string ending() const;
  /// The last lines that it wrote, the oldest first; "" where there are none.
  std::string last_lines() const;

 private:
  struct State;
  friend class Nursery;
  explicit Process(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace xpuruntime::worker
