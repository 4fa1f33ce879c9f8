// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace xpuruntime::worker_engine {

/// Which engine a worker is to run, and by which program.
struct Target {
  std::string engine{};             ///< "onnxrt", a path to a plug-in, "python"
  std::string python_executable{};  ///< of `python`; "": python3 of the PATH

  /// Reads "onnxrt", "python", "python:/usr/bin/python3".
  static Target parse(std::string_view text);
  /// The program and its first arguments. Throws Failure when it is not there.
  std::vector<std::string> command() const;
};

}  // namespace xpuruntime::worker_engine
