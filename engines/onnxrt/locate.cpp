// SPDX-License-Identifier: Apache-2.0
#include "locate.h"

#include <dlfcn.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "xpuruntime/engine/python_packages.h"

namespace xpuruntime::onnxrt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libonnxruntime.so";

/// The numbers after "libonnxruntime.so.", to be compared in order.
std::vector<int> version_of(const std::string& file_name) {
  std::vector<int> version;
  std::string_view rest = std::string_view(file_name).substr(kPrefix.size());
  while (rest.size() > 1 && rest.front() == '.') {
    rest.remove_prefix(1);
    int number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) return {};
    version.push_back(number);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  }
  return version;
}

/// Where this plug-in lies.
fs::path own_file() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&own_file), &info) == 0) return {};
  std::error_code error;
  return fs::absolute(info.dli_fname, error);
}

}  // namespace

fs::path newest_library(const fs::path& folder) {
  fs::path newest;
  std::vector<int> newest_version;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    std::vector<int> version = version_of(name);
    if (newest.empty() || version > newest_version) {
      newest = entry.path();
      newest_version = std::move(version);
    }
  }
  return newest;
}

std::vector<Candidate> library_candidates(std::vector<std::string>& empty) {
  if (const char* file = std::getenv("XPURT_ONNXRUNTIME_LIBRARY"); file != nullptr && *file != 0) {
    std::error_code error;
    return {{fs::absolute(file, error).string(), "named by XPURT_ONNXRUNTIME_LIBRARY", true}};
  }
  std::vector<Candidate> candidates;
  const auto add_wheel = [&](const fs::path& folder, const char* why) {
    const fs::path library = newest_library(folder);
    if (library.empty()) {
      empty.push_back((folder / "libonnxruntime.so.*").string() + " (" + why + ")");
    } else {
      candidates.push_back({library.string(), why});
    }
  };
#ifdef XPURT_ONNXRUNTIME_WHEEL_DIR
  add_wheel(XPURT_ONNXRUNTIME_WHEEL_DIR, "the build's Python packages");
#endif
  for (const fs::path& folder : engine::active_site_packages()) {
    add_wheel(folder / "onnxruntime" / "capi", "the active virtual environment");
  }
  if (const fs::path folder = engine::site_packages_above(own_file()); !folder.empty()) {
    add_wheel(folder / "onnxruntime" / "capi", "the Python packages beside this plug-in");
  }
  for (const char* name : {"libonnxruntime.so.1", "libonnxruntime.so"}) {
    candidates.push_back({name, "the system's library"});
  }
  return candidates;
}

}  // namespace xpuruntime::onnxrt
