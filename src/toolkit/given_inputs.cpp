// SPDX-License-Identifier: Apache-2.0
#include "toolkit/given_inputs.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <system_error>

#include "onnx/tensor.h"
#include "toolkit/match.h"
#include "toolkit/random_inputs.h"
#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

/// The number of "input_12".
std::optional<unsigned> number_of(const std::string& stem) {
  constexpr std::string_view kStart = "input_";
  if (!stem.starts_with(kStart)) return std::nullopt;
  unsigned number = 0;
  const char* const end = stem.data() + stem.size();
  const auto [stop, error] = std::from_chars(stem.data() + kStart.size(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// Of a file that read_pb() reads: ONNX's test data names its tensors, some of it with nothing.
std::string name_in(const fs::path& path) {
  const std::string name = onnx::read_tensor(path).name;
  return name.empty() ? path.stem().string() : name;
}

NamedTensors read_folder(const fs::path& folder) {
  std::map<unsigned, fs::path> numbered;
  std::map<std::string, fs::path> arrays;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    const std::string stem = path.stem().string();
    const auto number = number_of(stem);
    if (path.extension() == ".pb" && number) numbered.emplace(*number, path);
    if (path.extension() == ".npy") arrays.emplace(stem, path);
  }
  if (error) {
    throw InvalidArgumentError("inputs " + folder.string() +
                               ": cannot be read: " + error.message());
  }
  NamedTensors tensors;
  for (const auto& [number, path] : numbered) {
    const Tensor tensor = read_pb(path);
    const std::string name = name_in(path);
    if (tensors.contains(name)) {
      throw InvalidArgumentError(path.string() + ": there is a '" + name + "' already");
    }
    tensors.set(name, tensor);
  }
  if (!numbered.empty()) return tensors;
  for (const auto& [stem, path] : arrays) tensors.set(stem, read_npy(path));
  if (arrays.empty()) {
    throw InvalidArgumentError("inputs " + folder.string() +
                               ": expected input_0.pb, input_1.pb, ... or NAME.npy files in the "
                               "folder, found neither");
  }
  return tensors;
}

void refuse_shapes(const CompareOptions& options) {
  if (options.shapes.empty() && options.batch == 1) return;
  throw InvalidArgumentError("shapes and batch are for random inputs, and inputs are given");
}

NamedTensors random_inputs_of(const CompareOptions& options, std::span<const TensorInfo> infos) {
  for (const auto& info : infos) {
    if (info.kind == ValueKind::kTensor) continue;
    throw UnsupportedOperationError("input '" + info.name +
                                    "' is a sequence, map or optional, which compare cannot make");
  }
  const auto shapes = input_shapes(infos, {.shapes = options.shapes, .batch = options.batch});
  NamedTensors tensors;
  for (size_t i = 0; i < infos.size(); ++i) {
    tensors.set(infos[i].name, random_tensor(infos[i], shapes[i], options.seed));
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
    return {{name_in(path), tensor}};
  }
  throw InvalidArgumentError("inputs: expected a file .npz, .npy or .pb, or a folder, got '" +
                             path.string() + "'");
}

GivenInputs make_inputs(const CompareOptions& options, std::span<const TensorInfo> infos,
                        const std::string& model) {
  const std::string whose = "inputs of model " + model;
  if (!options.inputs.empty()) {
    if (!options.input_path.empty()) {
      throw InvalidArgumentError("inputs: expected tensors or a path, got both");
    }
    refuse_shapes(options);
    return {match_inputs(infos, options.inputs, whose), "given"};
  }
  if (!options.input_path.empty()) {
    refuse_shapes(options);
    const std::string path = options.input_path.string();
    return {match_inputs(infos, read_inputs(options.input_path), path + ": " + whose), path};
  }
  return {random_inputs_of(options, infos), "random, seed " + std::to_string(options.seed)};
}

}  // namespace xpuruntime::toolkit
