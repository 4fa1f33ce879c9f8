// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "worker/transport.h"

namespace xpuruntime::worker_service {

/// Reads `--transport unix --fd 3` and the like. Throws BadFrame for what it does not know.
worker::WorkerArguments read_arguments(std::span<const std::string> words);

/// What a worker's process does from beginning to end; returns its exit code. Ends the process by
/// itself when the parent is gone.
int worker_main(const worker::WorkerArguments& arguments);

}  // namespace xpuruntime::worker_service
