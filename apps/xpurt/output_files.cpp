// SPDX-License-Identifier: Apache-2.0
#include "output_files.h"

#include <set>

#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {
namespace {

constexpr size_t kMaxStem = 200;  // file systems take 255 bytes, ".npy" and a number included

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

std::string safe_stem(const std::string& name) {
  std::string stem = name.substr(0, kMaxStem);
  for (char& c : stem) {
    if (!is_plain(c)) c = '_';
  }
  // A leading dot hides a file, a leading dash looks like an option.
  if (!stem.empty() && (stem[0] == '.' || stem[0] == '-')) stem[0] = '_';
  return stem.empty() ? "_" : stem;
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::vector<std::string> safe_file_names(const std::vector<std::string>& names,
                                         const std::vector<std::string>& extensions) {
  std::set<std::string> taken;
  std::vector<std::string> files;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string stem = safe_stem(names[i]);
    std::string file = stem;
    for (int n = 2; !taken.insert(lower(file)).second; ++n) file = stem + "_" + std::to_string(n);
    files.push_back(file + extensions[i]);
  }
  return files;
}

void check_output_file(const std::string& option, const std::filesystem::path& path) {
  if (path.empty()) return;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(folder)) {
    throw InvalidArgumentError(option + ": there is no folder " + folder.string());
  }
  if (std::filesystem::is_directory(path)) {
    throw InvalidArgumentError(option + ": expected a file, and " + path.string() + " is a folder");
  }
}

std::map<std::string, std::filesystem::path> write_outputs(const std::filesystem::path& folder,
                                                           const NamedTensors& tensors) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw InvalidArgumentError("--output " + folder.string() + ": " + error.message());
  std::vector<std::string> names;
  std::vector<std::string> extensions;
  for (const auto& [name, tensor] : tensors) {
    names.push_back(name);
    extensions.push_back(toolkit::fits_npy(tensor.dtype()) ? ".npy" : ".pb");
  }
  const auto files = safe_file_names(names, extensions);
  std::map<std::string, std::filesystem::path> paths;
  for (size_t i = 0; i < names.size(); ++i) {
    paths[names[i]] = folder / files[i];
    const auto write = extensions[i] == ".npy" ? toolkit::write_npy : toolkit::write_pb;
    write(paths[names[i]], tensors[i]);
  }
  return paths;
}

}  // namespace xpuruntime::xpurt
