// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "xpuruntime/named_tensors.h"

namespace xpuruntime::xpurt {

/// A file name for each name, in order: letters, digits, '.', '_' and '-' stay, all else becomes
/// '_'; names that would meet get a number. Case is ignored in that, as some file systems do.
std::vector<std::string> safe_file_names(const std::vector<std::string>& names,
                                         const std::vector<std::string>& extensions);

/// That a file can be written there, which is better told now than after minutes of runs; "" is
/// nowhere. Throws InvalidArgumentError: there is no such folder, or the path is one.
void check_output_file(const std::string& option, const std::filesystem::path& path);

/// Writes one .npy a tensor into `folder`, a .pb for types that NumPy has not, which is made where
/// it is missing; gives the paths by name. Throws InvalidArgumentError, UnavailableError (disk
/// full).
std::map<std::string, std::filesystem::path> write_outputs(const std::filesystem::path& folder,
                                                           const NamedTensors& tensors);

}  // namespace xpuruntime::xpurt
