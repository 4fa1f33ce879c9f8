// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "runtime_package/library_file.h"
#include "worker/error.h"
#include "worker/python_program.h"
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
  const auto own_file = engine::library_file(reinterpret_cast<const void*>(&plugin_folder));
  return fs::canonical(own_file, error).parent_path();
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

}  // namespace

Target Target::parse(std::string_view text) {
  if (text == kPython) return {std::string(text), ""};
  if (text.starts_with("python:")) {
    return {std::string(kPython), std::string(text.substr(kPython.size() + 1))};
  }
  return {std::string(text), ""};
}

std::vector<std::string> Target::command() const {
  if (engine != kPython) return {native_program(), "worker"};
  try {
    return worker::python_command(python_executable, plugin_folder().parent_path().parent_path());
  } catch (const worker::NotInstalled& error) {
    throw engine::Failure(XPURT_ENGINE_NOT_INSTALLED, error.what());
  }
}

}  // namespace xpuruntime::worker_engine
