// SPDX-License-Identifier: Apache-2.0
#include "loaded_session.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "worker/error.h"
#include "worker/run_memo.h"
#include "xpuruntime/error.h"

namespace xpuruntime::worker_service {
namespace {

using worker::Message;
using worker::RunTensors;
using worker::TensorPlace;

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

InferenceSession open(const worker::LoadRequest& request, const Message& message,
                      std::function<bool(const char*, uint64_t, uint64_t)> progress) {
  SessionConfig config;
  config.engine = request.engine;
  config.device = request.device;
  config.threads = request.threads;
  config.contexts = request.contexts;
  config.engine_options = request.options;
  config.extra_outputs = request.extra_outputs;
  config.base_folder = request.base_folder;
  config.cache_dir = request.cache_dir;
  config.progress = std::move(progress);
  for (const auto& [name, dims] : request.shapes) {
    config.shapes.emplace(name, Shape(std::span<const int64_t>(dims)));
  }
  if (!request.path.empty()) return InferenceSession(std::filesystem::path(request.path), config);
  if (message.payload == nullptr) return InferenceSession(std::span<const std::byte>(), config);
  return InferenceSession(std::span<const std::byte>(message.payload->bytes()), config);
}

std::vector<worker::TensorFacts> facts_of(const std::vector<TensorInfo>& infos) {
  std::vector<worker::TensorFacts> facts;
  for (const TensorInfo& info : infos) {
    facts.push_back({info.name,
                     static_cast<int32_t>(info.kind),
                     static_cast<int32_t>(info.dtype),
                     info.has_rank,
                     {info.shape.begin(), info.shape.end()},
                     info.dim_names});
  }
  return facts;
}

Tensor tensor_of(const TensorPlace& place, const std::shared_ptr<worker::Block>& payload) {
  const Shape shape{std::span<const int64_t>(place.shape)};
  std::byte* const data = payload != nullptr ? payload->bytes().data() + place.offset : nullptr;
  if (place.dtype != worker::kStringType) {
    static constexpr std::byte kNothing{};
    return Tensor::wrap_read_only(place.bytes > 0 ? data : &kNothing,
                                  static_cast<DType>(place.dtype), shape, [payload] {});
  }
  const auto offsets = worker::string_offsets(place, payload->bytes());
  const auto* const text = reinterpret_cast<const char*>(data + offsets.size() * sizeof(int64_t));
  std::vector<std::string_view> strings;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    strings.emplace_back(text + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i]));
  }
  return Tensor::from_strings(strings, shape);
}

TensorPlace place_of(const std::string& name, const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  return {name,
          static_cast<int32_t>(tensor.dtype()),
          {shape.begin(), shape.end()},
          0,
          tensor.byte_size()};
}

/// Writes each tensor where it is to lie; those that lie there already are left.
void write(const std::vector<Tensor>& tensors, std::span<std::byte> payload, RunTensors& reply) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    const TensorPlace& place = reply.tensors[i];
    std::byte* const to = payload.data() + place.offset;
    if (place.bytes == 0 || tensors[i].data() == to) continue;
    std::memcpy(to, tensors[i].data(), place.bytes);
    reply.copies.push_back({place.name, place.bytes, "its size was not known when the run began"});
  }
}

}  // namespace

LoadedSession::LoadedSession(const worker::LoadRequest& request, const Message& message,
                             std::function<bool(const char*, uint64_t, uint64_t)> progress)
    : session_(open(request, message, std::move(progress))) {
  writes_in_place_ = std::ranges::all_of(session_.output_info(), [](const TensorInfo& info) {
    return info.has_rank && info.shape.is_static() && info.kind == ValueKind::kTensor &&
           info.dtype != DType::kString;
  });
}

worker::LoadedFacts LoadedSession::facts() const {
  const SessionReport& report = session_.report();
  const ModelInfo& model = session_.model_info();
  worker::LoadedFacts facts;
  facts.engine = report.engine;
  facts.version = report.engine_version;
  facts.device = to_string(report.device);
  facts.threads = report.threads;
  facts.parallelism = report.contexts;
  facts.load_time = seconds_of(report.load_time);
  facts.pid = getpid();
  facts.placement = report.placement;
  facts.cache = {to_string(report.cache.outcome), report.cache.entry, report.cache.reason};
  facts.inputs = facts_of(model.inputs);
  facts.outputs = facts_of(model.outputs);
  facts.metadata = model.metadata;
  facts.opset = model.opset;
  facts.producer = model.producer;
  return facts;
}

std::vector<Tensor> LoadedSession::inputs_of(const Message& request, const RunTensors& run) const {
  worker::check_places(run.tensors,
                       request.payload != nullptr ? request.payload->bytes().size() : 0);
  const auto& infos = session_.input_info();
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < run.tensors.size(); ++i) {
    if (i < infos.size() && run.tensors[i].name != infos[i].name) {
      throw worker::BadFrame("expected input '" + infos[i].name + "', got '" + run.tensors[i].name +
                             "'");
    }
    inputs.push_back(tensor_of(run.tensors[i], request.payload));
  }
  return inputs;
}

RunTensors LoadedSession::places_of_outputs() const {
  RunTensors reply;
  for (const TensorInfo& info : session_.output_info()) {
    const std::vector<int64_t> shape(info.shape.begin(), info.shape.end());
    const auto dtype = static_cast<int32_t>(info.dtype);
    reply.tensors.push_back({info.name, dtype, shape, 0, worker::byte_count(dtype, shape)});
  }
  return reply;
}

Message LoadedSession::run(const Message& request, worker::Channel& channel,
                           const std::stop_token& stop, RunReport& report) const {
  static thread_local worker::RunMemo memo;
  const RunTensors& run = memo.read(request.json);
  const std::vector<Tensor> inputs = inputs_of(request, run);
  RunOptions options{.report = &report, .stop_token = stop};
  if (run.timeout) {
    const std::chrono::duration<double> timeout(std::clamp(*run.timeout, 0.0, 1e8));
    options.timeout = std::chrono::duration_cast<std::chrono::nanoseconds>(timeout);
  }
  Message answer{worker::MessageType::kReply, request.id};
  RunTensors reply;
  std::vector<Tensor> outputs;
  if (writes_in_place_) {
    reply = places_of_outputs();
    answer.payload = channel.allocate(worker::lay_out(reply.tensors));
    for (const TensorPlace& place : reply.tensors) {
      if (place.bytes == 0) {
        outputs.emplace_back();
        continue;
      }
      outputs.push_back(Tensor::wrap(answer.payload->bytes().data() + place.offset,
                                     static_cast<DType>(place.dtype),
                                     Shape(std::span<const int64_t>(place.shape))));
    }
    session_.run(inputs, outputs, options);
  } else {
    outputs = session_.run(inputs, options);
    for (size_t i = 0; i < outputs.size(); ++i) {
      reply.tensors.push_back(place_of(session_.output_info()[i].name, outputs[i]));
    }
    answer.payload = channel.allocate(worker::lay_out(reply.tensors));
  }
  if (answer.payload != nullptr) write(outputs, answer.payload->bytes(), reply);
  for (const CopyRecord& copy : report.copies) {
    reply.copies.push_back({copy.what, copy.bytes, copy.why});
  }
  answer.json = memo.write(reply);
  return answer;
}

}  // namespace xpuruntime::worker_service
