// SPDX-License-Identifier: Apache-2.0
#include "loaded_model.h"

#include <charconv>
#include <cstring>
#include <vector>

#include "abi_read.h"
#include "host.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

TensorInfo tensor_info_of(const xpurt_tensor_info* from) {
  const xpurt_tensor_info given = read_abi(from);
  TensorInfo info;
  info.name = given.name != nullptr ? given.name : "";
  info.kind = static_cast<ValueKind>(given.kind);
  info.dtype = static_cast<DType>(given.dtype);
  info.has_rank = given.rank >= 0;
  if (given.rank <= 0) return info;
  const auto rank = static_cast<size_t>(given.rank);
  info.shape.assign({given.shape, rank});
  info.dim_names.resize(rank);
  for (size_t d = 0; d < rank && given.dim_names != nullptr; ++d) {
    if (given.dim_names[d] != nullptr) info.dim_names[d] = given.dim_names[d];
  }
  return info;
}

/// The C form of a list of pairs, over strings that live in the map.
struct KeyValues {
  explicit KeyValues(const std::map<std::string, std::string>& pairs) {
    values.reserve(pairs.size());
    for (const auto& [key, value] : pairs) {
      values.push_back({sizeof(xpurt_key_value), key.c_str(), value.c_str()});
      pointers.push_back(&values.back());
    }
  }
  std::vector<xpurt_key_value> values;
  std::vector<const xpurt_key_value*> pointers;
};

int32_t report_progress(void* user, const char* phase, uint64_t done, uint64_t total) {
  const auto& progress = *static_cast<const decltype(SessionConfig::progress)*>(user);
  try {
    return progress(phase, done, total) ? 0 : 1;
  } catch (...) {
    return 1;  // nothing may be thrown through the engine: the load ends as cancelled
  }
}

}  // namespace

LoadedModel::LoadedModel(std::shared_ptr<LoadedEngine> engine, const ModelSource& source,
                         Device device, int32_t threads,
                         const std::map<std::string, std::string>& options,
                         const SessionConfig& config)
    : engine_(std::move(engine)),
      where_("engine " + engine_->status().name + ", model " + source.name) {
  const KeyValues key_values(options);
  std::vector<const char*> extra_outputs;
  for (const std::string& name : config.extra_outputs) extra_outputs.push_back(name.c_str());
  const std::string path = source.path.string();
  xpurt_load_args args{};
  args.struct_size = sizeof(xpurt_load_args);
  args.source = path.empty() ? XPURT_SOURCE_BYTES : XPURT_SOURCE_PATH;
  args.path = path.empty() ? nullptr : path.c_str();
  args.bytes = source.bytes.data();
  args.byte_count = source.bytes.size();
  args.base_folder = source.base_folder.empty() ? nullptr : source.base_folder.c_str();
  args.device = {static_cast<int32_t>(device.type), device.index};
  args.threads = threads;
  args.options = key_values.pointers.data();
  args.option_count = static_cast<uint32_t>(key_values.pointers.size());
  args.extra_outputs = extra_outputs.data();
  args.extra_output_count = static_cast<uint32_t>(extra_outputs.size());
  if (config.progress) {
    args.progress = report_progress;
    args.progress_user = const_cast<void*>(static_cast<const void*>(&config.progress));
  }
  const xpurt_engine& table = engine_->table();
  xpurt_error error;
  const xpurt_status status = table.model_load(table.self, &args, &model_, &error);
  if (status != XPURT_OK) throw_failure(error, status, where_);
  try {
    read_info();
    if (device_ != device) {
      throw UnavailableError("asked for " + to_string(device) +
                             ", but the engine built the model on " + to_string(device_) + " (" +
                             where_ + ")");
    }
  } catch (...) {
    table.model_release(model_);
    throw;
  }
}

LoadedModel::~LoadedModel() { engine_->table().model_release(model_); }

void LoadedModel::read_info() {
  const xpurt_model_info* given = nullptr;
  xpurt_error error;
  const xpurt_status status = engine_->table().model_info(model_, &given, &error);
  if (status != XPURT_OK) throw_failure(error, status, where_);
  const xpurt_model_info info = read_abi(given);
  for (uint32_t i = 0; i < info.input_count; ++i) {
    info_.inputs.push_back(tensor_info_of(info.inputs[i]));
  }
  for (uint32_t i = 0; i < info.output_count; ++i) {
    info_.outputs.push_back(tensor_info_of(info.outputs[i]));
  }
  for (uint32_t i = 0; i < info.metadata_count; ++i) {
    info_.metadata[info.metadata[i]->key] = info.metadata[i]->value;
  }
  info_.opset = info.opset;
  info_.producer = info.producer != nullptr ? info.producer : "";
  device_ = {static_cast<DeviceType>(info.device.type), info.device.index};
  stateful_ = (info.flags & XPURT_MODEL_STATEFUL) != 0;
  parallelism_ = info.parallelism;
  threads_ = info.threads;
  for (uint32_t i = 0; i < info.placement_count; ++i) {
    const char* text = info.placement[i]->value;
    int64_t nodes = 0;
    std::from_chars(text, text + std::strlen(text), nodes);
    placement_[info.placement[i]->key] = nodes;
  }
}

}  // namespace xpuruntime
