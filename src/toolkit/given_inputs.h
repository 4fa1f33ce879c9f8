// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "xpuruntime/model_info.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/shape.h"
#include "xpuruntime/toolkit/preprocessing.h"

namespace xpuruntime::toolkit {

/// Tensors of an .npz file; of an .npy or .pb file one, under the file's stem; of a folder all its
/// input_0.pb, input_1.pb, ... in that order, as ONNX's test data has them (named as they say, else
/// after the file), else all its .npy files under their stems.
/// Throws InvalidArgumentError: nothing there, malformed, another kind of file.
NamedTensors read_inputs(const std::filesystem::path& path);

/// The picture as an input of `model`: by `chosen`, else as the notes beside the model say. Throws
/// InvalidArgumentError: nobody says, or as preprocess_image().
Tensor read_picture(const std::filesystem::path& picture,
                    const std::optional<Preprocessing>& chosen, const std::filesystem::path& model);

/// As in CompareOptions.
struct InputRequest {
  NamedTensors inputs{};
  std::filesystem::path input_path{};
  std::map<std::string, Shape> shapes{};
  int64_t batch = 1;
  uint64_t seed = 0;
  std::optional<Preprocessing> preprocessing{};
};

struct GivenInputs {
  NamedTensors tensors;
  std::string source;  ///< "random, seed 0", the path, or "given"
};

/// The inputs that are asked for, under the names of `infos`.
/// Throws InvalidArgumentError: what was given does not fit the model, or contradicts itself;
/// UnsupportedOperationError: the model takes what is no tensor.
GivenInputs make_inputs(const InputRequest& request, std::span<const TensorInfo> infos,
                        const std::string& model);

}  // namespace xpuruntime::toolkit
