// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "xpuruntime/cache.h"
#include "xpuruntime/device.h"
#include "xpuruntime/export.h"

namespace xpuruntime {

/// Bytes that a run copied, and why.
struct CopyRecord {
  std::string what;  ///< the input or output, "" where it is the engine's own
  uint64_t bytes = 0;
  std::string why;
};

/// What one run did.
struct RunReport {
  std::string engine;
  std::string engine_version;
  Device device;
  std::chrono::nanoseconds queue_time{0};  ///< waiting for a Context; of a job, since it came in
  std::chrono::nanoseconds run_time{0};    ///< in the engine
  uint32_t joined = 1;                     ///< items that this run did at once, this one too
  std::vector<CopyRecord> copies;

  uint64_t bytes_copied() const noexcept {
    uint64_t sum = 0;
    for (const auto& copy : copies) sum += copy.bytes;
    return sum;
  }
};

/// Where the compiled model of a session came from.
struct CacheReport {
  CacheOutcome outcome = CacheOutcome::kOff;
  std::string entry;   ///< its file; "" where there can be none
  std::string reason;  ///< why it was built again, or not stored
};

/// A choice of engine and device that could not be built.
struct FailedChoice {
  std::string engine;
  std::string device;
  std::string error;  ///< name of the error's class
  std::string reason;
};

/// What a session is, what was asked for, and why it is not that.
struct SessionReport {
  std::string model;             ///< the path, or "<bytes>"
  std::string requested_engine;  ///< as the caller wrote it
  std::string requested_device;
  std::vector<std::string> fallback;
  std::string engine;  ///< that runs
  std::string engine_version;
  std::string engine_path;  ///< of the plug-in; "" for one in the program
  std::string
      transport;  ///< to the worker process that the engine runs in; "": it runs in this one
  Device device;
  std::string rule;                          ///< which rule chose the engine and device
  std::vector<FailedChoice> failed_choices;  ///< those tried before, in order
  int32_t threads = 0;                       ///< of one run
  uint32_t contexts = 0;                     ///< runs that it does at once at most
  std::chrono::nanoseconds load_time{0};
  CacheReport cache;
  std::vector<std::string> validators;       ///< names of those that it passed
  bool profiles_nodes = false;               ///< its profiler is told of the nodes of runs
  std::map<std::string, int64_t> placement;  ///< nodes by what runs them; empty where not known
};

}  // namespace xpuruntime
