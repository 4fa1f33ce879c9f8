// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "runtime_package/library_folder.h"
#include "xpuruntime/engine/engine.h"

namespace xpuruntime::worker_engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPython = "python";
constexpr const char* kProgramVariable = "XPURT_WORKER_PROGRAM";

/// lib/xpuruntime/engines of the build, the wheel and installs, where lib may be
/// lib/x86_64-linux-gnu.
fs::path plugin_folder() {
  std::error_code error;
  return fs::canonical(engine::library_folder(reinterpret_cast<const void*>(&plugin_folder)),
                       error);
}

/// bin/xpurt beside the folder of libraries that this plug-in lies in.
std::string xpurt_beside_plugin(std::string& tried) {
  fs::path folder = plugin_folder();
  for (int up = 0; up < 5 && folder.has_relative_path(); ++up) {
    folder = folder.parent_path();
    if (up < 2) continue;
    const fs::path program = folder / "bin" / "xpurt";
    if (access(program.c_str(), X_OK) == 0) return program.string();
    tried += (tried.empty() ? "" : ", ") + program.string();
  }
  return "";
}

/// The folder that `python` is started with. The interpreter may be another one than the package
/// xpuruntime was built for, or have none.
std::string python_worker() {
  const fs::path beside = plugin_folder().parent_path() / "worker";
  const fs::path in_wheel = beside.parent_path().parent_path().parent_path() / "worker";
  for (const fs::path& folder : {beside, in_wheel}) {
    if (access((folder / "__main__.py").c_str(), R_OK) == 0) return folder.string();
  }
  throw engine::Failure(XPURT_ENGINE_NOT_INSTALLED,
                        "the Python part of the worker is not there: tried " + beside.string() +
                            " and " + in_wheel.string());
}

std::string native_program() {
  if (const char* given = std::getenv(kProgramVariable)) {
    if (fs::path(given).is_absolute()) return given;
    throw engine::Failure(XPURT_INVALID_ARGUMENT, std::string(kProgramVariable) + "='" + given +
                                                      "': expected an absolute path");
  }
  std::string tried;
  if (std::string program = xpurt_beside_plugin(tried); !program.empty()) return program;
  throw engine::Failure(XPURT_ENGINE_NOT_INSTALLED,
                        "the program xpurt, which runs engines in processes of their own, is not "
                        "there: tried " +
                            tried + "; set " + kProgramVariable + " to it");
}

/// A name without a slash is looked for on the PATH, as a shell does, but never in the current
/// folder.
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
  throw engine::Failure(XPURT_ENGINE_NOT_INSTALLED,
                        "there is no Python '" + name +
                            "'; name one by python_executable, with the packages that the model "
                            "needs installed");
}

}  // namespace

Target Target::parse(std::string_view text) {
  if (text == kPython) return {std::string(text), ""};
  if (text.starts_with("python:")) {
    return {std::string(kPython), std::string(text.substr(kPython.size() + 1))};
  }
  return {std::string(text), ""};
}

std::vector<std::string> Target::command() const {
  if (engine == kPython) return {find_python(python_executable), python_worker()};
  return {native_program(), "worker"};
}

}  // namespace xpuruntime::worker_engine
