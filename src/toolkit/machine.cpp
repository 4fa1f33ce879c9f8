// SPDX-License-Identifier: Apache-2.0
#include "toolkit/machine.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The value of the first "key : value" line of a file under /proc, "" where there is none.
std::string field(const fs::path& path, std::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    if (line.find_last_not_of(" \t", colon - 1) != key.size() - 1) continue;
    const size_t start = line.find_first_not_of(" \t", colon + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

/// "123 kB", as /proc writes it.
uint64_t kilobytes(const std::string& text) {
  uint64_t value = 0;
  std::istringstream(text) >> value;
  return value * 1024;
}

std::vector<std::string> features(const std::string& flags) {
  constexpr std::array<std::string_view, 7> kTold{
      "avx2", "fma", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_tile"};
  std::vector<std::string> found;
  std::istringstream words(flags);
  for (std::string word; words >> word;) {
    if (std::ranges::find(kTold, word) != kTold.end()) found.push_back(word);
  }
  std::ranges::sort(found);
  return found;
}

/// The folders of this process's cgroup (version 2), from its own up to the root of the hierarchy.
std::vector<fs::path> cgroup_folders(const fs::path& root) {
  std::ifstream file(root / "proc/self/cgroup");
  std::string path;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) path = line.substr(4);
  }
  const fs::path top = root / "sys/fs/cgroup";
  std::vector<fs::path> folders;
  for (fs::path inner = path; !inner.empty(); inner = inner.parent_path()) {
    folders.push_back(top / inner);
  }
  folders.push_back(top);
  return folders;
}

/// The tightest quota on the way up; version 1 has its own files.
std::optional<double> cpu_quota(const fs::path& root) {
  std::optional<double> tightest;
  const auto take = [&](double quota, double period) {
    if (quota > 0 && period > 0) {
      tightest = std::min(tightest.value_or(quota / period), quota / period);
    }
  };
  for (const auto& folder : cgroup_folders(root)) {
    double quota = 0, period = 0;
    if (std::istringstream(first_line(folder / "cpu.max")) >> quota >> period) take(quota, period);
  }
  const fs::path version1 = root / "sys/fs/cgroup/cpu";
  double quota = 0, period = 0;
  std::istringstream(first_line(version1 / "cpu.cfs_quota_us")) >> quota;
  std::istringstream(first_line(version1 / "cpu.cfs_period_us")) >> period;
  take(quota, period);
  return tightest;
}

std::optional<uint64_t> memory_limit(const fs::path& root) {
  std::optional<uint64_t> tightest;
  for (const auto& folder : cgroup_folders(root)) {
    uint64_t limit = 0;
    if (std::istringstream(first_line(folder / "memory.max")) >> limit) {
      tightest = std::min(tightest.value_or(limit), limit);
    }
  }
  return tightest;
}

uint32_t cores_allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 0;
  return static_cast<uint32_t>(CPU_COUNT(&set));
}

std::string kernel() {
  utsname names{};
  if (uname(&names) != 0) return "";
  return std::string(names.sysname) + " " + names.release;
}

}  // namespace

MachineFacts machine_facts(const fs::path& root) {
  MachineFacts facts;
  facts.cpu_model = field(root / "proc/cpuinfo", "model name");
  facts.cpu_features = features(field(root / "proc/cpuinfo", "flags"));
  facts.cores_online = static_cast<uint32_t>(std::max(0L, sysconf(_SC_NPROCESSORS_ONLN)));
  facts.cores_allowed = cores_allowed();
  facts.cpu_quota = cpu_quota(root);
  facts.memory_bytes = kilobytes(field(root / "proc/meminfo", "MemTotal"));
  facts.memory_limit_bytes = memory_limit(root);
  facts.kernel = kernel();
  facts.governor = first_line(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  std::istringstream load(first_line(root / "proc/loadavg"));
  double value = 0;
  for (int i = 0; i < 3 && load >> value; ++i) facts.load_average.push_back(value);
  return facts;
}

uint64_t free_memory(const fs::path& root) {
  uint64_t free = kilobytes(field(root / "proc/meminfo", "MemAvailable"));
  for (const auto& folder : cgroup_folders(root)) {
    uint64_t limit = 0;
    uint64_t used = 0;
    if (std::istringstream(first_line(folder / "memory.max")) >> limit &&
        std::istringstream(first_line(folder / "memory.current")) >> used) {
      free = std::min(free, limit - std::min(limit, used));
    }
  }
  return free;
}

ProcessMemory process_memory(std::optional<int> process) {
  const fs::path status =
      fs::path("/proc") / (process ? std::to_string(*process) : "self") / "status";
  return {kilobytes(field(status, "VmRSS")), kilobytes(field(status, "VmHWM"))};
}

std::vector<int> child_processes() {
  std::vector<int> children;
  std::error_code error;
  // Each thread has a list of those that it started.
  for (fs::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    std::ifstream list(task->path() / "children");
    for (int child = 0; list >> child;) children.push_back(child);
  }
  return children;
}

}  // namespace xpuruntime::toolkit
