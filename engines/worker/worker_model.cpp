// SPDX-License-Identifier: Apache-2.0
#include "worker_model.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>

namespace xpuruntime::worker_engine {
namespace {

using engine::Failure;
using worker::LoadedFacts;
using worker::TensorFacts;

constexpr const char* kDevices[] = {"cpu", "cuda", "intel_gpu", "intel_npu"};
constexpr const char* kCacheOutcomes[] = {"off", "hit", "stored", "rebuilt", "not stored"};

worker::LoadRequest request_of(const Target& target, const Settings& settings,
                               const engine::LoadArgs& args) {
  worker::LoadRequest request;
  request.engine = target.engine;
  request.device = to_string(args.device());
  // The worker's current folder is another one.
  if (!args.path().empty()) request.path = std::filesystem::absolute(args.path()).string();
  if (!args.base_folder().empty()) {
    request.base_folder = std::filesystem::absolute(args.base_folder()).string();
  }
  request.threads = args.threads();
  request.contexts = settings.contexts;
  request.cache_dir = settings.cache_dir;
  for (const xpurt_key_value* option : args.options()) {
    if (!std::string_view(option->key).starts_with(kPrefix)) {
      request.options[option->key] = option->value;
    }
  }
  for (const xpurt_shape_profile* profile : args.profiles()) {
    request.shapes[profile->input].assign(profile->opt, profile->opt + profile->rank);
  }
  request.extra_outputs.assign(args.extra_outputs().begin(), args.extra_outputs().end());
  return request;
}

std::vector<engine::TensorSpec> specs_of(const std::vector<TensorFacts>& facts) {
  std::vector<engine::TensorSpec> specs;
  for (const TensorFacts& each : facts) {
    engine::TensorSpec spec;
    spec.name = each.name;
    spec.kind = each.kind;
    spec.dtype = each.dtype;
    spec.has_rank = each.has_rank;
    spec.shape = each.shape;
    if (each.dim_names.size() == each.shape.size()) spec.dim_names = each.dim_names;
    specs.push_back(std::move(spec));
  }
  return specs;
}

engine::CacheSpec cache_of(const worker::CacheFacts& facts) {
  const auto* const found = std::ranges::find(kCacheOutcomes, facts.outcome);
  if (found == std::end(kCacheOutcomes)) {
    throw Failure(XPURT_PROTOCOL,
                  "the worker's cache has an outcome '" + facts.outcome + "', which there is not");
  }
  return {static_cast<int32_t>(found - kCacheOutcomes), facts.entry, facts.reason};
}

engine::ModelSpec spec_of(const LoadedFacts& facts) {
  engine::ModelSpec spec;
  spec.inputs = specs_of(facts.inputs);
  spec.outputs = specs_of(facts.outputs);
  spec.metadata.assign(facts.metadata.begin(), facts.metadata.end());
  spec.opset = facts.opset;
  spec.producer = facts.producer;
  spec.device = device_of(facts.device);
  spec.parallelism = std::max(facts.parallelism, 1U);
  spec.threads = std::max(facts.threads, 1);
  for (const auto& [name, count] : facts.placement) {
    spec.placement.emplace_back(name, std::to_string(count));
  }
  spec.cache = cache_of(facts.cache);
  return spec;
}

}  // namespace

xpurt_device device_of(const std::string& text) {
  const std::string type = text.substr(0, text.find(':'));
  for (int32_t i = 0; i < static_cast<int32_t>(std::size(kDevices)); ++i) {
    if (type != kDevices[i]) continue;
    int32_t index = 0;
    const char* const end = text.data() + text.size();
    if (type.size() == text.size() ||
        std::from_chars(text.data() + type.size() + 1, end, index).ptr == end) {
      return {i, index};
    }
  }
  throw Failure(XPURT_PROTOCOL, "the worker names a device '" + text + "', which there is not");
}

std::string to_string(xpurt_device device) {
  const bool is_known = device.type >= 0 && device.type < static_cast<int32_t>(std::size(kDevices));
  const std::string type =
      is_known ? kDevices[device.type] : "device" + std::to_string(device.type);
  if (device.type == XPURT_DEVICE_CPU && device.index == 0) return type;
  return type + ":" + std::to_string(device.index);
}

WorkerModel::WorkerModel(const Target& target, const engine::LoadArgs& args) {
  const Settings settings = read_settings(args);
  if (args.device().type == XPURT_DEVICE_CPU && args.device().index != 0) {
    throw Failure(XPURT_UNAVAILABLE, "there is no device " + to_string(args.device()));
  }
  std::vector<std::byte> bytes;
  if (args.source() == XPURT_SOURCE_COMPILED) {
    engine::unsupported("compiled models: the worker keeps them itself");
  }
  if (args.source() == XPURT_SOURCE_BYTES) {
    bytes.assign(args.bytes().begin(), args.bytes().end());
    if (bytes.empty()) throw Failure(XPURT_INVALID_ARGUMENT, "the model has 0 bytes");
  }
  const worker::LoadRequest request = request_of(target, settings, args);
  const std::string where = " (engine " + target.engine + ", model " +
                            (request.path.empty() ? "<bytes>" : request.path) + ")";
  const auto tell = [&](const worker::Progress& each) {
    args.progress(each.phase.c_str(), each.done, each.total);
  };
  supervisor_ =
      std::make_shared<Supervisor>(target, settings, request, std::move(bytes), where, tell);
  spec_ = spec_of(supervisor_->facts());
}

std::unique_ptr<engine::Context> WorkerModel::create_context() {
  return std::make_unique<WorkerContext>(supervisor_, spec_);
}

}  // namespace xpuruntime::worker_engine
