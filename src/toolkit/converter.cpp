// SPDX-License-Identifier: Apache-2.0
#include "toolkit/converter.h"

#include <dlfcn.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <future>
#include <nlohmann/json.hpp>

#include "worker/connection.h"
#include "worker/error.h"
#include "worker/error_names.h"
#include "worker/process.h"
#include "worker/python_program.h"
#include "worker/transport.h"
#include "xpuruntime/error.h"
#include "xpuruntime/version.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using worker::Clock;
using worker::Message;
using worker::MessageType;

constexpr std::chrono::milliseconds kLookTime{50};
constexpr std::chrono::seconds kStartTime{60};
constexpr std::chrono::seconds kEndTime{5};
constexpr double kShare = 0.9;  ///< of all progress; the rest is the check

/// The folder of libxpuruntime.so.
fs::path library_folder() {
  Dl_info info{};
  std::error_code error;
  if (dladdr(reinterpret_cast<const void*>(&xpuruntime::version), &info) == 0) return {};
  return fs::canonical(info.dli_fname, error).parent_path();
}

class Worker {
 public:
  explicit Worker(const ConvertOptions& options) : options_(options) {
    const auto end = worker::ParentEnd::make(worker::Transport::kSharedMemory);
    worker::ProcessSpec spec;
    spec.command = worker::python_command(options.python_executable, library_folder());
    for (std::string& each : end->arguments()) spec.command.push_back(std::move(each));
    spec.inherited = end->inherited();
    spec.death_signal = SIGTERM;  // it removes what it has begun
    process_ = worker::Process::start(std::move(spec));
    try {
      // On a thread of its own: this one asks whether to go on, which may be its alone to do.
      auto greeted = std::async(std::launch::async, [&] {
        worker::Hello hello;
        const auto lives = [&] { return process_->lives(); };
        return end->connect(Clock::now() + kStartTime, lives, hello);
      });
      while (greeted.wait_for(kLookTime) != std::future_status::ready) {
        if (stops()) process_->kill();
      }
      auto channel = greeted.get();
      connection_ = std::make_unique<worker::Connection>(std::move(channel));
    } catch (const std::runtime_error& error) {
      throw_lost(error);
    }
  }

  Message ask(std::string json, const NamedTensors& inputs,
              std::span<const worker::TensorPlace> places, uint64_t bytes) {
    try {
      const auto payload = bytes > 0 ? connection_->allocate(bytes) : nullptr;
      for (size_t i = 0; i < places.size(); ++i) {
        if (places[i].bytes == 0) continue;
        std::memcpy(payload->bytes().data() + places[i].offset, inputs[i].data(), places[i].bytes);
      }
      const auto request = connection_->ask(MessageType::kConvert, std::move(json), payload,
                                            Clock::now() + kStartTime);
      while (true) {
        auto answer = request->wait(Clock::now() + kLookTime, [&](const worker::Progress& told) {
          phase_ = told.phase;
          if (!options_.progress || told.total == 0) return;
          const double share = static_cast<double>(told.done) / static_cast<double>(told.total);
          options_.progress({told.phase, share * kShare});
        });
        if (answer) return std::move(*answer);
        if (stops()) throw CancelledError("the conversion was interrupted");
      }
    } catch (const XpuRuntimeError&) {
      throw;
    } catch (const std::runtime_error& error) {
      throw_lost(error);
    }
  }

 private:
  bool stops() const { return options_.should_stop && options_.should_stop(); }

  [[noreturn]] void throw_lost(const std::runtime_error& error) {
    if (stops()) throw CancelledError("the conversion was interrupted");
    const bool is_protocol = dynamic_cast<const worker::BadFrame*>(&error) != nullptr;
    const bool ended = !is_protocol && process_->wait(Clock::now() + kEndTime);
    std::string text = "the Python that converts ";
    text += ended ? process_->ending() : "was ended: " + std::string(error.what());
    if (!phase_.empty()) text += " during '" + phase_ + "'";
    if (!ended) process_->kill();
    if (const std::string lines = process_->last_lines(); !lines.empty()) {
      text += "; its last lines:\n" + lines;
    }
    if (is_protocol) throw ProtocolError(text);
    throw EngineError(text);
  }

  const ConvertOptions& options_;
  std::string phase_;                         ///< that it has come to
  std::unique_ptr<worker::Process> process_;  // is killed with this
  std::unique_ptr<worker::Connection> connection_;
};

Json request_json(const fs::path& source, const fs::path& target, const ConvertOptions& options) {
  Json json{{"source", fs::absolute(source).string()},
            {"target", fs::absolute(target).string()},
            {"format", options.format},
            {"options", options.source_options},
            {"threads", options.threads},
            {"fp16", options.fp16},
            {"seed", options.seed & INT64_MAX},
            {"dynamic", Json::object()}};
  if (options.opset) json["opset"] = *options.opset;
  if (!options.input_shapes.empty()) json["options"]["inputs"] = options.input_shapes;
  for (const auto& [name, range] : options.dynamic) {
    json["dynamic"][name] = {range.least, range.most ? Json(*range.most) : Json(nullptr)};
  }
  return json;
}

/// Where each lies, and how many bytes all are.
std::vector<worker::TensorPlace> places_of(const NamedTensors& inputs, uint64_t& bytes) {
  std::vector<worker::TensorPlace> places;
  for (const auto& [name, tensor] : inputs) {
    if (tensor.dtype() == DType::kString) {
      throw UnsupportedOperationError("input '" + name + "': exporters take no strings");
    }
    const auto dims = tensor.shape();
    places.push_back({name,
                      static_cast<int32_t>(tensor.dtype()),
                      {dims.begin(), dims.end()},
                      0,
                      tensor.byte_size()});
  }
  bytes = worker::lay_out(places);
  return places;
}

Tensor tensor_of(const worker::TensorPlace& place, std::span<const std::byte> payload) {
  Tensor tensor(static_cast<DType>(place.dtype), Shape(std::span<const int64_t>(place.shape)));
  if (place.bytes > 0) {
    std::memcpy(tensor.mutable_data(), payload.data() + place.offset, place.bytes);
  }
  return tensor;
}

/// The reply's tensors, dealt out to the names that its `samples` list in the same order.
std::vector<ConvertSample> samples_of(const Message& reply, const Json& json) {
  const auto places = worker::from_json<worker::RunTensors>(reply.json).tensors;
  std::span<const std::byte> payload;
  if (reply.payload) payload = reply.payload->bytes();
  worker::check_places(places, payload.size());
  size_t next = 0;
  std::vector<ConvertSample> samples;
  for (const Json& each : json.at("samples")) {
    ConvertSample& sample = samples.emplace_back();
    for (const auto& [list, to] :
         {std::pair("inputs", &sample.inputs), std::pair("outputs", &sample.outputs)}) {
      for (const Json& name : each.at(list)) {
        to->set(name.get<std::string>(), tensor_of(places.at(next++), payload));
      }
    }
  }
  return samples;
}

Conversion conversion_of(const Message& reply) {
  try {
    const Json json = Json::parse(reply.json);
    Conversion made;
    made.samples = samples_of(reply, json);
    made.info = json.at("info").dump();
    json.at("warnings").get_to(made.warnings);
    for (const Json& file : json.at("files")) made.files.emplace_back(file.get<std::string>());
    return made;
  } catch (const Json::exception& error) {
    throw ProtocolError(std::string("the reply to convert: ") + error.what());
  } catch (const worker::BadFrame& error) {
    throw ProtocolError(std::string("the reply to convert: ") + error.what());
  } catch (const std::out_of_range&) {
    throw ProtocolError("the reply to convert: it names more tensors than it brings");
  }
}

/// The reply. Throws what the worker answers, and what becomes of it.
Message ask_worker(const Json& request, const ConvertOptions& options, const NamedTensors& inputs,
                   std::span<const worker::TensorPlace> places, uint64_t bytes) {
  try {
    Message reply = Worker(options).ask(
        request.dump(-1, ' ', false, Json::error_handler_t::replace), inputs, places, bytes);
    if (reply.type != MessageType::kError) return reply;
    const auto facts = worker::from_json<worker::ErrorFacts>(reply.json);
    throw_error(static_cast<ErrorCode>(worker::error_code_of(facts.error)), facts.message);
  } catch (const worker::NotInstalled& error) {
    throw EngineNotInstalledError(error.what());
  } catch (const worker::TransportFailure& error) {
    throw UnavailableError(error.what());
  } catch (const worker::BadFrame& error) {
    throw ProtocolError(error.what());
  }
}

}  // namespace

Conversion convert_in_worker(const fs::path& source, const fs::path& target,
                             const ConvertOptions& options, const NamedTensors& inputs) {
  if (options.progress) options.progress({"start", 0});
  Json request = request_json(source, target, options);
  uint64_t bytes = 0;
  const auto places = places_of(inputs, bytes);
  if (!inputs.empty()) {
    worker::RunTensors run;
    run.tensors = places;
    request.update(Json::parse(worker::to_json(run)));
  }
  return conversion_of(ask_worker(request, options, inputs, places, bytes));
}

void check_conversion(const fs::path& source, const fs::path& target,
                      const ConvertOptions& options) {
  Json request = request_json(source, target, options);
  request["check_only"] = true;
  ask_worker(request, options, {}, {}, 0);
}

}  // namespace xpuruntime::toolkit
