// SPDX-License-Identifier: Apache-2.0
#include "loaded_model.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "abi_read.h"
#include "host.h"
#include "text.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

TensorInfo tensor_info_of(const xpurt_tensor_info* from) {
  const xpurt_tensor_info given = read_abi(from);
  TensorInfo info;
  info.name = text_of(given.name);
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

CacheReport cache_report_of(const xpurt_cache_info* from) {
  const xpurt_cache_info given = read_abi(from);
  if (given.outcome < XPURT_CACHE_OFF || given.outcome > XPURT_CACHE_NOT_STORED) {
    throw EngineError("its cache has an outcome " + std::to_string(given.outcome) +
                      ", which this xpuruntime does not know");
  }
  return {static_cast<CacheOutcome>(given.outcome), text_of(given.entry), text_of(given.reason)};
}

/// Makes inputs static, as the caller promises that they will be.
void fix_shapes(std::vector<TensorInfo>& inputs, const std::map<std::string, Shape>& shapes) {
  for (const auto& [name, shape] : shapes) {
    const auto found = std::ranges::find(inputs, name, &TensorInfo::name);
    if (found == inputs.end()) {
      std::vector<std::string> names;
      for (const TensorInfo& info : inputs) names.push_back(info.name);
      throw InvalidArgumentError("shapes: there is no input '" + name + "'" +
                                 did_you_mean(name, names) + "; the model has " + join(names));
    }
    TensorInfo& info = *found;
    const auto fits = [](int64_t declared, int64_t given) {
      return declared < 0 || declared == given;
    };
    if (info.has_rank && !std::ranges::equal(info.shape, shape, fits)) {
      throw InvalidArgumentError("shapes: input '" + name + "' is " + to_string(info) + ", which " +
                                 to_string(shape) + " does not fit");
    }
    info.has_rank = true;
    info.shape = shape;
    info.dim_names.assign(shape.rank(), "");
  }
}

/// A LoadCall that was told one more thing.
template <typename Tell>
const LoadCall& with(LoadCall&& call, Tell&& tell) {
  tell(call);
  return call;
}

}  // namespace

LoadedModel::LoadedModel(std::shared_ptr<LoadedEngine> engine, const LoadRequest& request,
                         WillSave will_save)
    : LoadedModel(std::move(engine), request, with(LoadCall(request), [&](LoadCall& call) {
                    if (will_save == WillSave::kYes) call.set_will_save();
                  })) {}

LoadedModel::LoadedModel(std::shared_ptr<LoadedEngine> engine, const LoadRequest& request,
                         std::span<const std::byte> compiled, std::shared_ptr<const void> owner)
    : LoadedModel(std::move(engine), request,
                  with(LoadCall(request), [&](LoadCall& call) { call.set_compiled(compiled); })) {
  owner_ = std::move(owner);
}

LoadedModel::LoadedModel(std::shared_ptr<LoadedEngine> engine, const LoadRequest& request,
                         const LoadCall& call)
    : engine_(std::move(engine)),
      where_("engine " + engine_->status().name + ", model " + request.source.name) {
  const xpurt_engine& table = engine_->table();
  xpurt_error error;
  const xpurt_status status = table.model_load(table.self, call.args(), &model_, &error);
  if (status != XPURT_OK) throw_failure(error, status, where_);
  try {
    read_info();
    fix_shapes(info_.inputs, request.config.shapes);
    if (device_ != request.device) {
      throw UnavailableError("asked for " + to_string(request.device) +
                             ", but the engine built the model on " + to_string(device_) + " (" +
                             where_ + ")");
    }
  } catch (...) {
    table.model_release(model_);
    throw;
  }
}

LoadedModel::~LoadedModel() { engine_->table().model_release(model_); }

void LoadedModel::save(const std::function<void(std::span<const std::byte>)>& write) const {
  struct Target {
    const std::function<void(std::span<const std::byte>)>& write;
    std::exception_ptr failure;
  } target{write, nullptr};
  const xpurt_writer writer{
      sizeof(xpurt_writer), &target,
      [](void* self, const void* bytes, uint64_t byte_count, xpurt_error* error) {
        auto& to = *static_cast<Target*>(self);
        try {
          to.write({static_cast<const std::byte*>(bytes), static_cast<size_t>(byte_count)});
          return xpurt_status{XPURT_OK};
        } catch (...) {
          to.failure = std::current_exception();
          return record(error, XPURT_UNAVAILABLE, "the compiled model cannot be written");
        }
      }};
  xpurt_error error;
  const xpurt_status status = engine_->table().model_save(model_, &writer, &error);
  if (target.failure) std::rethrow_exception(target.failure);
  if (status != XPURT_OK) throw_failure(error, status, where_);
}

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
  info_.producer = text_of(info.producer);
  device_ = {static_cast<DeviceType>(info.device.type), info.device.index};
  stateful_ = (info.flags & XPURT_MODEL_STATEFUL) != 0;
  elastic_ = (info.flags & XPURT_MODEL_ELASTIC) != 0;
  parallelism_ = info.parallelism;
  threads_ = info.threads;
  for (uint32_t i = 0; i < info.placement_count; ++i) {
    const char* text = info.placement[i]->value;
    int64_t nodes = 0;
    std::from_chars(text, text + std::strlen(text), nodes);
    placement_[info.placement[i]->key] = nodes;
  }
  cache_ = cache_report_of(info.cache);
}

}  // namespace xpuruntime
