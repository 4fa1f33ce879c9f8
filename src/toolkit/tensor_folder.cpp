// SPDX-License-Identifier: Apache-2.0
#include "toolkit/tensor_folder.h"

#include <charconv>
#include <map>
#include <optional>
#include <system_error>

#include "onnx/tensor.h"
#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

/// The 12 of "input_12" after "input_".
std::optional<unsigned> number_after(const std::string& start, const std::string& stem) {
  if (!stem.starts_with(start)) return std::nullopt;
  unsigned number = 0;
  const char* const end = stem.data() + stem.size();
  const auto [stop, error] = std::from_chars(stem.data() + start.size(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

template <typename Body>
void for_each_file(const fs::path& folder, const char* extension, Body&& body) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end; entry.increment(error)) {
    if (entry->path().extension() == extension) body(entry->path());
  }
  if (error) {
    throw InvalidArgumentError("folder " + folder.string() +
                               ": cannot be read: " + error.message());
  }
}

}  // namespace

NamedTensors read_numbered(const fs::path& folder, const std::string& start) {
  std::map<unsigned, fs::path> files;
  for_each_file(folder, ".pb", [&](const fs::path& path) {
    if (const auto number = number_after(start, path.stem().string())) files[*number] = path;
  });
  NamedTensors tensors;
  for (const auto& [number, path] : files) {
    const Tensor tensor = read_pb(path);
    const std::string name = name_in_pb(path);
    if (tensors.contains(name)) {
      throw InvalidArgumentError(path.string() + ": there is a '" + name + "' already");
    }
    tensors.set(name, tensor);
  }
  return tensors;
}

NamedTensors read_arrays(const fs::path& folder) {
  std::map<std::string, fs::path> files;  // in the same order on every machine
  for_each_file(folder, ".npy",
                [&](const fs::path& path) { files.emplace(path.stem().string(), path); });
  NamedTensors tensors;
  for (const auto& [name, path] : files) tensors.set(name, read_npy(path));
  return tensors;
}

std::string name_in_pb(const fs::path& path) {
  const std::string name = onnx::read_tensor(path).name;
  return name.empty() ? path.stem().string() : name;
}

}  // namespace xpuruntime::toolkit
