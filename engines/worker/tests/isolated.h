// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::worker_engine {

inline std::string model(const std::string& name) {
  return XPURT_TEST_DATA_DIR "/" + name + ".onnx";
}

/// The reference engine in a worker process.
inline SessionConfig isolated(const std::string& transport = "") {
  setenv("XPURT_WORKER_PROGRAM", XPURT_TEST_WORKER_PROGRAM, /*overwrite=*/1);
  SessionConfig config;
  config.engine = "reference";
  config.cache_dir = "";
  config.isolation = Isolation::kProcess;
  config.transport = transport;
  return config;
}

inline constexpr const char* kNotBuilt =
    "this build has no transport grpc: gRPC is not compiled for the thread sanitizer";

inline bool is_built(const std::string& transport) {
  return transport != "grpc" || XPURT_WORKER_GRPC != 0;
}

/// Those of this build.
inline std::vector<std::string> every_transport() {
  std::vector<std::string> all{"shared_memory", "unix", "tcp", "pipe", "grpc", "json_file"};
  std::erase_if(all, [](const std::string& each) { return !is_built(each); });
  return all;
}

/// A process's state as proc(5) has it ('T': stopped), and its parent; '?' and 0 of one that is
/// gone.
inline std::pair<char, pid_t> state_and_parent(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string stat;
  std::getline(file, stat, '\0');  // which does not throw where the process goes meanwhile
  const size_t behind_name = stat.rfind(')');
  if (behind_name == stat.npos) return {'?', 0};
  return {stat[behind_name + 2], std::stoi(stat.substr(behind_name + 4))};
}

inline char state_of(pid_t process) {
  return state_and_parent("/proc/" + std::to_string(process)).first;
}

/// Worker processes of this one that have not ended, zombies too.
inline std::vector<pid_t> workers() {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    if (state_and_parent(entry.path()).second == getpid()) found.push_back(std::stoi(name));
  }
  return found;
}

/// Has what the first worker makes for all that follow; gRPC keeps two descriptors from its first
/// use on.
inline void start_first_worker() {
  static const TemporaryFolder own;  // others are at work in the common one
  static const bool once = [] {
    setenv("TMPDIR", own.path().c_str(), /*overwrite=*/1);
    for (const char* transport : {"", "grpc"}) {
      if (is_built(transport)) const InferenceSession session(model("mlp"), isolated(transport));
    }
    return true;
  }();
  static_cast<void>(once);
}

/// What a worker may leave behind in this process and in the file system.
struct Traces {
  Traces() {
    namespace fs = std::filesystem;
    start_first_worker();
    processes = workers();
    descriptors = std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    folders = std::ranges::count_if(
        fs::directory_iterator(fs::temp_directory_path()), [](const auto& entry) {
          return entry.path().filename().string().starts_with("xpuruntime-worker-");
        });
    segments = count_segments();
  }
  std::vector<pid_t> processes;
  ptrdiff_t descriptors = 0;
  ptrdiff_t folders = 0;
  ptrdiff_t segments = 0;
  bool operator==(const Traces&) const = default;

 private:
  static ptrdiff_t count_segments() {
    std::ifstream maps("/proc/self/maps");
    ptrdiff_t count = 0;
    for (std::string line; std::getline(maps, line);) {
      count += line.find("memfd:xpuruntime") != line.npos ? 1 : 0;
    }
    return count;
  }
};

}  // namespace xpuruntime::worker_engine
