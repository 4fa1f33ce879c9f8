// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "xpuruntime/named_tensors.h"
#include "xpuruntime/toolkit/convert.h"

namespace xpuruntime::toolkit {

/// What the source took and gave in one run.
struct ConvertSample {
  NamedTensors inputs;
  NamedTensors outputs;
};

/// What an exporter wrote, and said.
struct Conversion {
  std::vector<std::filesystem::path> files;
  std::vector<ConvertSample> samples;
  std::string info;  ///< JSON: inputs, outputs, conversion
  std::vector<std::string> warnings;
};

/// Has a Python worker (docs/worker_protocol.md) convert `source` to `target`, in a folder that is
/// made for this. `inputs`: to run the source on; empty: random ones. The process ends with this.
/// Throws what the worker answers, EngineNotInstalledError, UnavailableError, EngineError (the
/// process ended), ProtocolError, CancelledError.
Conversion convert_in_worker(const std::filesystem::path& source,
                             const std::filesystem::path& target, const ConvertOptions& options,
                             const NamedTensors& inputs);

/// Asks whether it would try to, and throws why not: `source` does not become that, or a package is
/// missing. Takes as long as Python takes to start.
void check_conversion(const std::filesystem::path& source, const std::filesystem::path& target,
                      const ConvertOptions& options);

}  // namespace xpuruntime::toolkit
