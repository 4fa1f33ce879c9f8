// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"

namespace xpuruntime::toolkit {

/// What one run takes, and what it is to give.
struct GoldenRun {
  std::string name;  ///< "golden.npz", "data/test_data_set_0"
  NamedTensors inputs{};
  NamedTensors outputs{};
  NamedTensors unsorted{};  ///< instead of both: which is which is in the model's names
};

/// Is the source of a gate golden data, rather than an engine? Throws as gate() does what is
/// neither.
bool is_golden_data(const std::string& source);

/// Of an .npz file, a folder of NAME.npy, of ONNX test data, or of folders of the latter. At least
/// one run, each with something to hold outputs against.
/// Throws InvalidArgumentError: nothing there, malformed.
std::vector<GoldenRun> read_golden(const std::filesystem::path& path);

/// With inputs and outputs told apart. A name that the model has for both is both.
/// Throws InvalidArgumentError: a name is neither, or none is an output.
GoldenRun sorted(const GoldenRun& run, const ModelInfo& model);

}  // namespace xpuruntime::toolkit
