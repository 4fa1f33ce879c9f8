// SPDX-License-Identifier: Apache-2.0
#include "toolkit/given_inputs.h"

#include <system_error>

#include "toolkit/match.h"
#include "toolkit/random_inputs.h"
#include "toolkit/tensor_files.h"
#include "toolkit/tensor_folder.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/image.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

NamedTensors read_folder(const fs::path& folder) {
  NamedTensors tensors = read_numbered(folder, "input_");
  if (tensors.empty()) tensors = read_arrays(folder);
  if (tensors.empty()) {
    throw InvalidArgumentError("inputs " + folder.string() +
                               ": expected input_0.pb, input_1.pb, ... or NAME.npy files in the "
                               "folder, found neither");
  }
  return tensors;
}

void refuse_shapes(const InputRequest& request) {
  if (request.shapes.empty() && request.batch == 1) return;
  throw InvalidArgumentError("shapes and batch are for random inputs, and inputs are given");
}

NamedTensors random_inputs_of(const InputRequest& request, std::span<const TensorInfo> infos) {
  for (const auto& info : infos) {
    if (info.kind == ValueKind::kTensor) continue;
    throw UnsupportedOperationError("input '" + info.name +
                                    "' is a sequence, map or optional, which compare cannot make");
  }
  const auto shapes = input_shapes(infos, {.shapes = request.shapes, .batch = request.batch});
  NamedTensors tensors;
  for (size_t i = 0; i < infos.size(); ++i) {
    tensors.set(infos[i].name, random_tensor(infos[i], shapes[i], request.seed));
  }
  return tensors;
}

}  // namespace

NamedTensors read_inputs(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return read_folder(path);
  if (path.extension() == ".npz") return read_npz(path);
  if (path.extension() == ".npy") return {{path.stem().string(), read_npy(path)}};
  if (path.extension() == ".pb") {
    const Tensor tensor = read_pb(path);
    return {{name_in_pb(path), tensor}};
  }
  throw InvalidArgumentError("inputs: expected a file .npz, .npy or .pb, or a folder, got '" +
                             path.string() + "'");
}

Tensor read_picture(const fs::path& picture, const std::optional<Preprocessing>& chosen,
                    const fs::path& model) {
  const auto preprocessing = chosen ? chosen : preprocessing_beside(model);
  if (preprocessing) return preprocess_image(picture, *preprocessing);
  throw InvalidArgumentError(picture.string() +
                             ": nothing says how a picture becomes an input of " + model.string() +
                             ": choose a preprocessing (imagenet, ...), or have a " +
                             "member 'preprocessing' in " + model.stem().string() + "_info.json");
}

GivenInputs make_inputs(const InputRequest& request, std::span<const TensorInfo> infos,
                        const std::string& model) {
  const std::string whose = "inputs of model " + model;
  if (!request.inputs.empty()) {
    if (!request.input_path.empty()) {
      throw InvalidArgumentError("inputs: expected tensors or a path, got both");
    }
    refuse_shapes(request);
    return {match_inputs(infos, request.inputs, whose), "given"};
  }
  if (!request.input_path.empty()) {
    refuse_shapes(request);
    const std::string path = request.input_path.string();
    const NamedTensors read =
        is_image_path(path)
            ? NamedTensors{{"picture", read_picture(path, request.preprocessing, model)}}
            : read_inputs(request.input_path);
    return {match_inputs(infos, read, path + ": " + whose), path};
  }
  return {random_inputs_of(request, infos), "random, seed " + std::to_string(request.seed)};
}

}  // namespace xpuruntime::toolkit
