// SPDX-License-Identifier: Apache-2.0
/// For engines whose runtime comes in a Python package: where such packages lie.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace xpuruntime::engine {

/// site-packages folders of the active virtual environment; none where there is none.
inline std::vector<std::filesystem::path> active_site_packages() {
  std::vector<std::filesystem::path> found;
  const char* root = std::getenv("VIRTUAL_ENV");
  if (root == nullptr || *root == 0) return found;
  std::error_code error;
  const auto lib = std::filesystem::path(root) / "lib";
  for (const auto& entry : std::filesystem::directory_iterator(lib, error)) {
    if (entry.path().filename().string().starts_with("python3")) {
      found.push_back(entry.path() / "site-packages");
    }
  }
  return found;
}

/// The Python package folder that `file`, an absolute path, is installed under; empty: it is in
/// none.
inline std::filesystem::path site_packages_above(const std::filesystem::path& file) {
  for (auto folder = file.parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    const std::string name = folder.filename().string();
    if (name == "site-packages" || name == "dist-packages") return folder;
  }
  return {};
}

}  // namespace xpuruntime::engine
