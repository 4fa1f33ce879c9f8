// SPDX-License-Identifier: Apache-2.0
#include "locate.h"

#include <cstdlib>
#include <string_view>
#include <system_error>

#include "xpuruntime/engine/python_packages.h"

namespace xpuruntime::openvino {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "libopenvino.so";

}  // namespace

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

std::vector<Candidate> library_candidates(const fs::path& own_folder,
                                          std::vector<std::string>& empty) {
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
  for (const fs::path& folder : engine::active_site_packages()) {
    add_package(folder / "openvino", "the active virtual environment");
  }
  if (const fs::path folder = engine::site_packages_above(own_folder / kPrefix); !folder.empty()) {
    add_package(folder / "openvino", "the Python packages beside this plug-in");
  }
  candidates.push_back({XPURT_OPENVINO_LIBRARY_NAME, "the system's library"});
  return candidates;
}

}  // namespace xpuruntime::openvino
