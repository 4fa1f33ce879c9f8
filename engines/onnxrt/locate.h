// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace xpuruntime::onnxrt {

/// A place where ONNX Runtime's library may be.
struct Candidate {
  std::string name;       ///< what dlopen takes: a file, or a SONAME that the system looks up
  std::string why;        ///< in words, for the error that lists what was tried
  bool is_final = false;  ///< nothing else is tried after this one: the user named it
};

/// The candidates, the best first: the file that XPURT_ONNXRUNTIME_LIBRARY names and nothing else,
/// or the wheels of the build, of the active virtual environment and of the folder where this
/// plug-in is installed, then the system's library. Folders without a library are named in
/// `empty`, so that an error can say that they were searched.
std::vector<Candidate> library_candidates(std::vector<std::string>& empty);

/// The newest libonnxruntime.so.* in `folder`, by version number; empty when there is none.
std::filesystem::path newest_library(const std::filesystem::path& folder);

}  // namespace xpuruntime::onnxrt
