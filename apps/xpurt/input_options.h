// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "picture_options.h"
#include "toolkit/random_inputs.h"
#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"

namespace xpuruntime::xpurt {

/// Shapes by name, of texts as NAME=1,3,224,224; `option` begins messages. Throws
/// InvalidArgumentError for other texts, and for a name that is given twice.
std::map<std::string, Shape> parse_shapes(const std::string& option,
                                          std::span<const std::string> texts);

/// --shape and --seed: what random inputs are made by.
struct RandomOptions {
  std::vector<std::string> shapes;  ///< NAME=1,3,224,224
  uint64_t seed = 0;

  void add_to(CLI::App& command);
  /// Throws InvalidArgumentError for what is not NAME=DIMENSIONS.
  toolkit::ShapeRequest request() const;
};

/// --inputs, --shape, --seed and --batch: what several engines are run on.
struct SampleOptions {
  std::string inputs = "random";  ///< or a path
  int64_t batch = 1;
  RandomOptions random;

  void add_to(CLI::App& command);
  /// Into toolkit::CompareOptions or toolkit::TuneOptions.
  template <typename Options>
  void apply_to(Options& options) const {
    if (inputs != "random") options.input_path = inputs;
    options.shapes = random.request().shapes;
    options.batch = batch;
    options.seed = random.seed;
  }
};

/// --input: where the inputs of a run come from.
struct InputOptions {
  std::vector<std::string> inputs;
  PreprocessOption pictures;
  RandomOptions random;

  void add_to(CLI::App& command);
};

struct LoadedInputs {
  NamedTensors tensors;
  std::vector<std::string> sources;  ///< one a tensor: a file, or "random, seed 0"
};

/// Loads or makes all inputs of the model in the file `model`. Throws InvalidArgumentError: a file
/// that cannot be read, an input that is given twice or not at all.
LoadedInputs load_inputs(const InputOptions& options, std::span<const TensorInfo> infos,
                         const std::string& model);

/// Random tensors for all inputs, in the shapes given.
NamedTensors random_inputs(std::span<const TensorInfo> infos, std::span<const Shape> shapes,
                           uint64_t seed);

}  // namespace xpuruntime::xpurt
