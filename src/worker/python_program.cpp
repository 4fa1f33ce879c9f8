// SPDX-License-Identifier: Apache-2.0
#include "python_program.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "error.h"

namespace xpuruntime::worker {
namespace {

namespace fs = std::filesystem;

std::string find_python(const std::string& executable) {
  const std::string name = executable.empty() ? "python3" : executable;
  if (name.find('/') != name.npos) {
    const fs::path path = fs::absolute(name);
    if (access(path.c_str(), X_OK) == 0) return path.string();
  } else if (const char* folders = std::getenv("PATH")) {
    std::string_view rest(folders);
    while (!rest.empty()) {
      const std::string_view folder = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
      const fs::path path = fs::path(folder) / name;
      if (path.is_absolute() && access(path.c_str(), X_OK) == 0) return path.string();
    }
  }
  throw NotInstalled("there is no Python '" + name +
                     "'; name one by python_executable, with the packages that the model needs "
                     "installed");
}

/// The interpreter may be another one than the package xpuruntime was built for, or have none.
std::string find_worker(const fs::path& libraries) {
  const fs::path beside = libraries / "xpuruntime" / "worker";
  const fs::path in_wheel = libraries.parent_path() / "worker";
  for (const fs::path& folder : {beside, in_wheel}) {
    if (access((folder / "__main__.py").c_str(), R_OK) == 0) return folder.string();
  }
  throw NotInstalled("the Python part of the worker is not there: tried " + beside.string() +
                     " and " + in_wheel.string());
}

}  // namespace

std::vector<std::string> python_command(const std::string& executable, const fs::path& libraries) {
  return {find_python(executable), find_worker(libraries)};
}

}  // namespace xpuruntime::worker
