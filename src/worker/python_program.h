// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace xpuruntime::worker {

/// What starts Python's worker: the interpreter and the folder of its part of us, which lies as
/// xpuruntime/worker in `libraries` (the folder of libxpuruntime.so), or beside that in a wheel.
/// `executable`: a path, or a name that is looked for on the PATH, as a shell does, but never in
/// the current folder; "" is python3. Throws NotInstalled.
std::vector<std::string> python_command(const std::string& executable,
                                        const std::filesystem::path& libraries);

}  // namespace xpuruntime::worker
