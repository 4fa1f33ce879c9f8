// SPDX-License-Identifier: Apache-2.0
#include "locate.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string_view>
#include <system_error>

namespace xpuruntime::openvino {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libopenvino.so";

/// site-packages folders of the virtual environment in `root`.
std::vector<fs::path> site_packages_in(const fs::path& root) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "lib", error)) {
    if (entry.path().filename().string().starts_with("python3")) {
      found.push_back(entry.path() / "site-packages");
    }
  }
  return found;
}

/// The Python package folder that this plug-in is installed under; empty when it is in none.
fs::path own_site_packages() {
  for (fs::path folder = own_folder(); folder.has_relative_path(); folder = folder.parent_path()) {
    const std::string name = folder.filename().string();
    if (name == "site-packages" || name == "dist-packages") return folder;
  }
  return {};
}

}  // namespace

fs::path own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0) return {};
  std::error_code error;
  return fs::absolute(info.dli_fname, error).parent_path();
}

fs::path library_in(const fs::path& folder, const std::string& wanted) {
  std::error_code error;
  if (fs::exists(folder / wanted, error)) return folder / wanted;
  fs::path other;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path& file = entry.path();
    if (file.filename().string().starts_with(kPrefix) && file > other) other = file;
  }
  return other;
}

std::vector<Candidate> library_candidates(std::vector<std::string>& empty) {
  if (const char* file = std::getenv("XPURT_OPENVINO_LIBRARY"); file != nullptr && *file != 0) {
    std::error_code error;
    return {{fs::absolute(file, error).string(), "named by XPURT_OPENVINO_LIBRARY"}};
  }
  std::vector<Candidate> candidates;
  const auto add_package = [&](const fs::path& package, const char* why) {
    const fs::path library = library_in(package / "libs", XPURT_OPENVINO_LIBRARY_NAME);
    if (library.empty()) {
      empty.push_back((package / "libs" / kPrefix).string() + ".* (" + why + ")");
    } else {
      candidates.push_back({library.string(), why});
    }
  };
#ifdef XPURT_OPENVINO_PACKAGE_DIR
  add_package(XPURT_OPENVINO_PACKAGE_DIR, "the build's Python packages");
#endif
  if (const char* root = std::getenv("VIRTUAL_ENV"); root != nullptr && *root != 0) {
    for (const fs::path& folder : site_packages_in(root)) {
      add_package(folder / "openvino", "the active virtual environment");
    }
  }
  if (const fs::path folder = own_site_packages(); !folder.empty()) {
    add_package(folder / "openvino", "the Python packages beside this plug-in");
  }
  candidates.push_back({XPURT_OPENVINO_LIBRARY_NAME, "the system's library"});
  return candidates;
}

}  // namespace xpuruntime::openvino
