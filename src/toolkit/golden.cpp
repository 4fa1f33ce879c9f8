// SPDX-License-Identifier: Apache-2.0
#include "toolkit/golden.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "toolkit/choices.h"
#include "toolkit/tensor_files.h"
#include "toolkit/tensor_folder.h"
#include "xpuruntime/engine_registry.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;

GoldenRun read_test_data(const fs::path& folder) {
  GoldenRun run{.name = folder.string(),
                .inputs = read_numbered(folder, "input_"),
                .outputs = read_numbered(folder, "output_")};
  if (run.outputs.empty() && !run.inputs.empty()) {
    throw InvalidArgumentError("golden data " + run.name +
                               ": expected output_0.pb, ... beside input_0.pb, ..., found none");
  }
  return run;
}

std::vector<GoldenRun> read_test_data_sets(const fs::path& folder) {
  std::set<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end; entry.increment(error)) {
    const bool is_set = entry->path().filename().string().starts_with("test_data_set_");
    if (is_set && entry->is_directory()) found.insert(entry->path());
  }
  std::vector<GoldenRun> runs;
  for (const fs::path& each : found) {
    runs.push_back(read_test_data(each));
    if (runs.back().outputs.empty()) {
      throw InvalidArgumentError("golden data " + each.string() +
                                 ": expected input_0.pb, ... and output_0.pb, ..., found none");
    }
  }
  return runs;
}

bool has(const std::vector<TensorInfo>& infos, const std::string& name) {
  return std::ranges::find(infos, name, &TensorInfo::name) != infos.end();
}

std::string listed(const std::vector<TensorInfo>& infos) {
  std::string text;
  for (const auto& info : infos) text += (text.empty() ? "'" : ", '") + info.name + "'";
  return text.empty() ? "none" : text;
}

}  // namespace

bool is_golden_data(const std::string& source) {
  const fs::path path = source;
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  const bool is_path = source.find('/') != source.npos;
  if (path.extension() == ".npz" || (is_folder && is_path)) return true;
  if (is_path && !path.extension().string().starts_with(".so")) {
    throw InvalidArgumentError("gate: there are no golden data " + source);
  }
  try {
    EngineRegistry::instance().create_engine(parse_engine(source, "gate").engine);
    return false;
  } catch (const UnsupportedOperationError& error) {
    if (is_folder) return true;  // a name alone is an engine's first
    throw UnsupportedOperationError("gate: expected an .npz file, a folder or an engine: " +
                                    std::string(error.what()));
  }
}

std::vector<GoldenRun> read_golden(const fs::path& path) {
  if (path.extension() == ".npz") {
    GoldenRun run{.name = path.string(), .unsorted = read_npz(path)};
    if (run.unsorted.empty()) {
      throw InvalidArgumentError("golden data " + run.name + ": expected arrays, found none");
    }
    return {std::move(run)};
  }
  if (auto runs = read_test_data_sets(path); !runs.empty()) return runs;
  if (auto run = read_test_data(path); !run.outputs.empty()) return {std::move(run)};
  GoldenRun run{.name = path.string(), .unsorted = read_arrays(path)};
  if (run.unsorted.empty()) {
    throw InvalidArgumentError("golden data " + run.name +
                               ": expected test_data_set_0, ..., or input_0.pb, ... and "
                               "output_0.pb, ..., or NAME.npy files, found none of them");
  }
  return {std::move(run)};
}

GoldenRun sorted(const GoldenRun& run, const ModelInfo& model) {
  if (run.unsorted.empty()) return run;
  GoldenRun told{.name = run.name};
  for (const auto& [name, tensor] : run.unsorted) {
    const bool is_input = has(model.inputs, name);
    const bool is_output = has(model.outputs, name);
    if (is_input) told.inputs.set(name, tensor);
    if (is_output) told.outputs.set(name, tensor);
    if (is_input || is_output) continue;
    throw InvalidArgumentError("golden data " + run.name + ": '" + name +
                               "' is neither an input nor an output of the model; it has inputs " +
                               listed(model.inputs) + " and outputs " + listed(model.outputs));
  }
  if (told.outputs.empty()) {
    throw InvalidArgumentError("golden data " + run.name + ": expected at least one output of " +
                               listed(model.outputs) + ", found inputs alone");
  }
  return told;
}

}  // namespace xpuruntime::toolkit
