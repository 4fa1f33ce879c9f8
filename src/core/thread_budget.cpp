// SPDX-License-Identifier: Apache-2.0
#include "thread_budget.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "log.h"

namespace xpuruntime {
namespace {

int32_t cpus_of_affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

int32_t read_budget() {
  if (const char* given = std::getenv("XPURT_THREADS")) {
    const std::string_view text(given);
    int32_t threads = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error == std::errc() && end == text.data() + text.size() && threads > 0) return threads;
    log(LogLevel::kWarning,
        std::string("XPURT_THREADS='") + given + "' is not a number of threads; it is ignored");
  }
  const int32_t quota = cpus_of_cgroup();
  const int32_t cpus = std::max(cpus_of_affinity(), 1);
  return quota > 0 ? std::min(quota, cpus) : cpus;
}

}  // namespace

int32_t cpus_of_cgroup(const std::filesystem::path& root) {
  std::ifstream membership(root / "proc/self/cgroup");
  std::string line;
  std::string path;
  while (std::getline(membership, line)) {
    if (line.starts_with("0::")) path = line.substr(3);
  }
  int32_t least = 0;
  const std::filesystem::path top = root / "sys/fs/cgroup";
  std::filesystem::path folder = top / std::filesystem::path(path).relative_path();
  while (true) {
    std::ifstream file(folder / "cpu.max");
    if (std::getline(file, line)) {
      const int32_t cpus = cpus_of_quota(line);
      if (cpus > 0) least = least == 0 ? cpus : std::min(least, cpus);
    }
    if (folder == top || !folder.has_relative_path()) return least;
    folder = folder.parent_path();
  }
}

int32_t cpus_of_quota(const std::string& line) {
  std::istringstream words(line);
  int64_t quota = 0;
  int64_t period = 0;
  if (!(words >> quota >> period) || quota <= 0 || period <= 0) return 0;
  const int64_t cpus = quota / period + (quota % period != 0 ? 1 : 0);
  return static_cast<int32_t>(std::min<int64_t>(cpus, INT32_MAX));
}

int32_t thread_budget() {
  static const int32_t budget = read_budget();
  return budget;
}

}  // namespace xpuruntime
