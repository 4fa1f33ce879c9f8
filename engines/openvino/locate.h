// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace xpuruntime::openvino {

/// A place where OpenVINO's library may be.
struct Candidate {
  std::string name;  ///< what dlopen takes: a file, or a SONAME that the system looks up
  std::string why;   ///< in words, for the error that lists what was tried
};

/// The candidates, the best first: the file that XPURT_OPENVINO_LIBRARY names and nothing else, or
/// the Python packages of the build, of the active virtual environment and of the folder
/// `own_folder` where this plug-in is installed, then the system's library. Packages without a
/// library are named in `empty`, so that an error can say that they were searched.
std::vector<Candidate> library_candidates(const std::filesystem::path& own_folder,
                                          std::vector<std::string>& empty);

/// OpenVINO's library in `folder`: `wanted` where it is there, else any other version of it; empty
/// when there is none.
std::filesystem::path library_in(const std::filesystem::path& folder, const std::string& wanted);

}  // namespace xpuruntime::openvino
