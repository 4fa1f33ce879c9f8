// SPDX-License-Identifier: Apache-2.0
/// The registry's names of engines that run in worker processes: "worker:onnxrt", "python",
/// "worker:python:/usr/bin/python3".
#pragma once

#include <string_view>

namespace xpuruntime {

inline constexpr std::string_view kInWorker = "worker:";
/// It has no other home.
inline constexpr std::string_view kPython = "python";

/// What is to run in a worker: "onnxrt" of "worker:onnxrt", "python" of itself; "" for all others.
inline std::string_view worker_target(std::string_view name) {
  if (name == kPython) return name;
  return name.starts_with(kInWorker) ? name.substr(kInWorker.size()) : std::string_view();
}

/// A worker's target is engine python, with the interpreter that it names or with ours.
inline bool is_python(std::string_view target) {
  return target.starts_with(kPython) &&
         (target.size() == kPython.size() || target[kPython.size()] == ':');
}

}  // namespace xpuruntime
