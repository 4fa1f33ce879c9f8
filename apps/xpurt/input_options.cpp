// SPDX-License-Identifier: Apache-2.0
#include "input_options.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "toolkit/given_inputs.h"
#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"
#include "xpuruntime/toolkit/image.h"

namespace xpuruntime::xpurt {
namespace {

constexpr std::string_view kRandom = "random";

/// "NAME=VALUE"; the name may have a '=' in it when the model has an input of that name.
struct Assignment {
  std::string name;  ///< "" where there is none
  std::string value;
};

Assignment split(const std::string& text, std::span<const TensorInfo> infos) {
  for (const auto& info : infos) {
    if (text.starts_with(info.name + "=")) return {info.name, text.substr(info.name.size() + 1)};
  }
  const size_t equals = text.find('=');
  // A path without a name may have a '=' in it too.
  if (equals == std::string::npos || std::filesystem::exists(text)) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<int64_t> parse_dims(const std::string& text, const std::string& where) {
  std::vector<int64_t> dims;
  const char* next = text.data();
  const char* const end = next + text.size();
  while (next != end) {
    int64_t dim = 0;
    const auto [after, error] = std::from_chars(next, end, dim);
    const bool separated = after == end || (*after == ',' && after + 1 != end);
    if (error != std::errc() || dim < -1 || !separated) {
      throw InvalidArgumentError(where + ": expected dimensions as in 1,3,224,224, got '" + text +
                                 "'");
    }
    dims.push_back(dim);
    next = after == end ? end : after + 1;
  }
  return dims;
}

std::string names_in(const NamedTensors& tensors) {
  std::string text;
  for (const auto& [name, tensor] : tensors) text += (text.empty() ? "'" : ", '") + name + "'";
  return text.empty() ? "nothing" : text;
}

/// The array of `name` in an archive; its only one, when it has another name.
Tensor pick_array(const std::string& path, const std::string& name) {
  const NamedTensors arrays = toolkit::read_npz(path);
  if (const Tensor* found = arrays.find(name)) return *found;
  if (arrays.size() == 1) return arrays[0];
  throw InvalidArgumentError(path + ": holds no array '" + name + "' but " + names_in(arrays) +
                             "; choose with --input NAME=" + path + ":ARRAY");
}

Tensor read_tensor(const std::string& path, const std::string& name) {
  if (path.ends_with(".npy")) return toolkit::read_npy(path);
  if (path.ends_with(".pb")) return toolkit::read_pb(path);
  if (path.ends_with(".npz")) return pick_array(path, name);
  const size_t colon = path.rfind(".npz:");
  if (colon != std::string::npos) {
    const std::string archive = path.substr(0, colon + 4), array = path.substr(colon + 5);
    const NamedTensors arrays = toolkit::read_npz(archive);
    if (const Tensor* found = arrays.find(array)) return *found;
    throw InvalidArgumentError(archive + ": holds no array '" + array + "' but " +
                               names_in(arrays));
  }
  throw InvalidArgumentError(
      "--input: expected a file .npy, .npz or .pb, a picture .jpg or .png, or the word random, got "
      "'" +
      path + "'");
}

/// Gathers inputs one by one, from what each --input says.
class InputLoader {
 public:
  InputLoader(const InputOptions& options, std::span<const TensorInfo> infos,
              const std::string& model)
      : options_(options),
        infos_(infos),
        model_(model),
        preprocessing_(options.pictures.preprocessing()) {}

  LoadedInputs load() {
    bool random_for_all = false;
    for (const auto& text : options_.inputs) {
      const auto [name, value] = split(text, infos_);
      if (name.empty() && value == kRandom) {
        random_for_all = true;
      } else if (value == kRandom) {
        random_.push_back(name);
      } else if (name.empty() && value.ends_with(".npz") && !is_only_input(value)) {
        for (const auto& [array, tensor] : toolkit::read_npz(value)) add(array, tensor, value);
      } else {
        const std::string input = name.empty() ? only_input(text) : name;
        add(input,
            toolkit::is_image_path(value) ? toolkit::read_picture(value, preprocessing_, model_)
                                          : read_tensor(value, input),
            value);
      }
    }
    for (const auto& info : infos_) {
      const bool given = loaded_.tensors.contains(info.name) || is_random(info.name);
      if (random_for_all && !given) random_.push_back(info.name);
    }
    add_random();
    check_complete();
    return std::move(loaded_);
  }

 private:
  void add(const std::string& name, Tensor tensor, const std::string& source) {
    if (loaded_.tensors.contains(name)) {
      throw InvalidArgumentError("--input: '" + name + "' is given twice");
    }
    loaded_.tensors.set(name, std::move(tensor));
    loaded_.sources.push_back(source);
  }
  bool is_random(const std::string& name) const {
    return std::ranges::find(random_, name) != random_.end();
  }
  /// Comes last, so that dimensions of one name are as in the inputs that were read.
  void add_random() {
    auto request = options_.random.request();
    for (const auto& [name, tensor] : loaded_.tensors) {
      if (!request.shapes.emplace(name, tensor.shape()).second) {
        throw InvalidArgumentError("--shape: '" + name + "' is read from a file");
      }
    }
    if (random_.empty() && options_.random.shapes.empty()) return;
    const auto shapes = toolkit::input_shapes(infos_, request);
    for (const auto& name : random_) {
      const auto info = std::ranges::find(infos_, name, &TensorInfo::name);
      if (info == infos_.end()) {
        throw InvalidArgumentError("--input: there is no input '" + name + "'; the model has " +
                                   input_names());
      }
      const Shape& shape = shapes[static_cast<size_t>(info - infos_.begin())];
      add(name, toolkit::random_tensor(*info, shape, options_.random.seed),
          "random, seed " + std::to_string(options_.random.seed));
    }
  }
  /// Does an archive stand for the one input of a model, whatever its array is called?
  bool is_only_input(const std::string& archive) const {
    return infos_.size() == 1 && toolkit::read_npz(archive).size() == 1;
  }
  std::string only_input(const std::string& text) const {
    if (infos_.size() == 1) return infos_[0].name;
    throw InvalidArgumentError("--input: expected NAME=FILE, for one of " + input_names() +
                               ", got '" + text + "'");
  }
  std::string input_names() const {
    std::string text;
    for (const auto& info : infos_) text += (text.empty() ? "'" : ", '") + info.name + "'";
    return text;
  }
  void check_complete() const {
    std::string missing, example;
    for (const auto& info : infos_) {
      if (loaded_.tensors.contains(info.name)) continue;
      missing += (missing.empty() ? "'" : ", '") + info.name + "' " + to_string(info);
      if (example.empty()) example = info.name;
    }
    if (missing.empty()) return;
    throw InvalidArgumentError("not given: " + missing + "; give each as --input " + example +
                               "=FILE.npy or --input " + example +
                               "=random, or all with --input random");
  }

  const InputOptions& options_;
  const std::span<const TensorInfo> infos_;
  const std::string& model_;
  const std::optional<toolkit::Preprocessing> preprocessing_;
  std::vector<std::string> random_;
  LoadedInputs loaded_;
};

}  // namespace

std::map<std::string, Shape> parse_shapes(const std::string& option,
                                          std::span<const std::string> texts) {
  std::map<std::string, Shape> shapes;
  for (const auto& text : texts) {
    const size_t equals = text.rfind('=');  // dimensions have none, names may
    if (equals == std::string::npos || equals == 0) {
      throw InvalidArgumentError(option + ": expected NAME=1,3,224,224, got '" + text + "'");
    }
    const std::string name = text.substr(0, equals);
    const auto dims = parse_dims(text.substr(equals + 1), option + " " + name);
    if (!shapes.emplace(name, Shape(std::span<const int64_t>(dims))).second) {
      throw InvalidArgumentError(option + ": '" + name + "' is given twice");
    }
  }
  return shapes;
}

void RandomOptions::add_to(CLI::App& command) {
  command
      .add_option("--shape,--shapes", shapes, "Shape of a random input; -1 leaves a dimension open")
      ->type_name("NAME=1,3,224,224")
      ->allow_extra_args(false);
  command.add_option("--seed", seed, "Seed of the random inputs")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

toolkit::ShapeRequest RandomOptions::request() const {
  toolkit::ShapeRequest request;
  request.shapes = parse_shapes("--shape", shapes);
  return request;
}

void SampleOptions::add_to(CLI::App& command) {
  command
      .add_option("--inputs", inputs,
                  "A file .npz, .npy or .pb, a picture .jpg or .png, a folder of input_0.pb, ... "
                  "or NAME.npy, or random")
      ->type_name("FILE|DIR|random")
      ->capture_default_str();
  random.add_to(command);
  command.add_option("--batch", batch, "Size of the batch of random inputs")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 31))
      ->capture_default_str();
}

void InputOptions::add_to(CLI::App& command) {
  command
      .add_option("--input", inputs,
                  "An input: NAME=FILE.npy, FILE.npz[:ARRAY], FILE.pb, a picture or random; random "
                  "alone is "
                  "for all that are not given")
      ->type_name("[NAME=]FILE|random")
      ->allow_extra_args(false);
  pictures.add_to(command);
  random.add_to(command);
}

LoadedInputs load_inputs(const InputOptions& options, std::span<const TensorInfo> infos,
                         const std::string& model) {
  return InputLoader(options, infos, model).load();
}

NamedTensors random_inputs(std::span<const TensorInfo> infos, std::span<const Shape> shapes,
                           uint64_t seed) {
  NamedTensors tensors;
  for (size_t i = 0; i < infos.size(); ++i) {
    tensors.set(infos[i].name, toolkit::random_tensor(infos[i], shapes[i], seed));
  }
  return tensors;
}

}  // namespace xpuruntime::xpurt
