// SPDX-License-Identifier: Apache-2.0
#include "messages.h"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "error.h"
#include "json.h"

namespace xpuruntime::worker {
namespace {

using Json = nlohmann::json;

enum class Need : bool { kOptional, kRequired };

/// Writes members into an object.
class Writer {
 public:
  template <typename Value>
  void operator()(const char* name, const Value& value, Need /*need*/ = Need::kRequired) {
    json[name] = json_of(value);
  }
  Json json = Json::object();

 private:
  template <typename Value>
  static Json json_of(const Value& value);
};

/// Reads them; what may be left out stays as it is.
class Reader {
 public:
  explicit Reader(const Json& from) : json(from) {
    if (!json.is_object()) throw BadFrame("expected an object, got " + json.dump().substr(0, 80));
  }
  template <typename Value>
  void operator()(const char* name, Value& value, Need need = Need::kRequired) {
    const auto found = json.find(name);
    if (found == json.end()) {
      if (need == Need::kOptional) return;
      throw BadFrame(std::string("member '") + name + "' is missing");
    }
    try {
      read(*found, value);
    } catch (const Json::exception& error) {
      throw BadFrame(std::string("member '") + name + "': " + error.what());
    } catch (const BadFrame& error) {
      throw BadFrame(std::string("member '") + name + "': " + error.what());
    }
  }
  const Json& json;

 private:
  template <typename Value>
  static void read(const Json& json, Value& value);
};

// The members of each message, for writing and reading alike.

template <typename Visit>
void members(Visit& visit, auto& c, const Hello*) {
  visit("protocol", c.protocol);
  visit("worker", c.worker);
  visit("pid", c.pid);
  visit("token", c.token, Need::kOptional);
}

template <typename Visit>
void members(Visit& visit, auto& c, const Welcome*) {
  visit("protocol", c.protocol);
  visit("max_payload", c.max_payload);
}

template <typename Visit>
void members(Visit& visit, auto& c, const EngineOption*) {
  visit("name", c.name);
  visit("type", c.type);
  visit("default", c.default_value);
  visit("doc", c.doc);
  visit("choices", c.choices);
}

template <typename Visit>
void members(Visit& visit, auto& c, const EngineFacts*) {
  visit("engine", c.engine);
  visit("version", c.version);
  visit("adapter_version", c.adapter_version);
  visit("path", c.path);
  visit("formats", c.formats);
  visit("devices", c.devices);
  visit("options", c.options);
}

template <typename Visit>
void members(Visit& visit, auto& c, const LoadRequest*) {
  visit("engine", c.engine);
  visit("device", c.device);
  visit("threads", c.threads);
  visit("path", c.path, Need::kOptional);
  visit("base_folder", c.base_folder, Need::kOptional);
  visit("contexts", c.contexts, Need::kOptional);
  visit("options", c.options, Need::kOptional);
  visit("shapes", c.shapes, Need::kOptional);
  visit("extra_outputs", c.extra_outputs, Need::kOptional);
  visit("cache_dir", c.cache_dir, Need::kOptional);
}

template <typename Visit>
void members(Visit& visit, auto& c, const TensorFacts*) {
  visit("name", c.name);
  visit("kind", c.kind);
  visit("dtype", c.dtype);
  visit("dim_names", c.dim_names, Need::kOptional);
  if constexpr (std::is_same_v<Visit, Writer>) {
    visit.json["shape"] = c.has_rank ? Json(c.shape) : Json(nullptr);
  } else {
    const auto found = visit.json.find("shape");
    c.has_rank = found == visit.json.end() || !found->is_null();
    if (c.has_rank) visit("shape", c.shape);
    if (c.shape.size() > kMaxRank) throw BadFrame("an input or output has too many dimensions");
  }
}

template <typename Visit>
void members(Visit& visit, auto& c, const CacheFacts*) {
  visit("outcome", c.outcome);
  visit("entry", c.entry);
  visit("reason", c.reason);
}

template <typename Visit>
void members(Visit& visit, auto& c, const LoadedFacts*) {
  visit("engine", c.engine);
  visit("version", c.version);
  visit("device", c.device);
  visit("threads", c.threads);
  visit("parallelism", c.parallelism);
  visit("load_time", c.load_time);
  visit("pid", c.pid);
  visit("placement", c.placement, Need::kOptional);
  visit("cache", c.cache, Need::kOptional);
  const auto model = [&](auto& inner) {
    inner("inputs", c.inputs);
    inner("outputs", c.outputs);
    inner("metadata", c.metadata, Need::kOptional);
    inner("opset", c.opset, Need::kOptional);
    inner("producer", c.producer, Need::kOptional);
  };
  if constexpr (std::is_same_v<Visit, Writer>) {
    Writer inner;
    model(inner);
    visit.json["model"] = std::move(inner.json);
  } else {
    const auto found = visit.json.find("model");
    if (found == visit.json.end()) throw BadFrame("member 'model' is missing");
    Reader inner(*found);
    model(inner);
  }
}

template <typename Visit>
void members(Visit& visit, auto& c, const Copied*) {
  visit("what", c.what);
  visit("bytes", c.bytes);
  visit("why", c.why);
}

template <typename Visit>
void members(Visit& visit, auto& c, const TensorPlace*) {
  visit("name", c.name);
  visit("dtype", c.dtype);
  visit("shape", c.shape);
  visit("offset", c.offset);
  visit("bytes", c.bytes);
}

template <typename Visit>
void members(Visit& visit, auto& c, const RunTensors*) {
  visit("tensors", c.tensors);
  if constexpr (std::is_same_v<Visit, Writer>) {
    if (c.timeout) visit("timeout", *c.timeout);
  } else {
    if (visit.json.contains("timeout")) visit("timeout", c.timeout.emplace());
  }
  visit("copies", c.copies, Need::kOptional);
}

template <typename Visit>
void members(Visit& visit, auto& c, const WorkerStats*) {
  visit("pid", c.pid);
  visit("uptime", c.uptime);
  visit("runs", c.runs);
  visit("failed", c.failed);
  visit("last_run_time", c.last_run_time);
  visit("average_run_time", c.average_run_time);
  visit("resident_bytes", c.resident_bytes);
  visit("peak_resident_bytes", c.peak_resident_bytes);
  visit("engine", c.engine);
  visit("device", c.device);
}

template <typename Visit>
void members(Visit& visit, auto& c, const DeviceQuestion*) {
  visit("device", c.device);
  visit("engine", c.engine);
}

template <typename Visit>
void members(Visit& visit, auto& c, const DeviceTest*) {
  visit("engine", c.engine);
  visit("result", c.result);
  visit("reason", c.reason);
}

template <typename Visit>
void members(Visit& visit, auto& c, const DeviceFacts*) {
  visit("name", c.name, Need::kOptional);
  visit("driver", c.driver, Need::kOptional);
  visit("memory_bytes", c.memory_bytes, Need::kOptional);
  visit("free_bytes", c.free_bytes, Need::kOptional);
  visit("compute_capability", c.compute_capability, Need::kOptional);
  visit("cores", c.cores, Need::kOptional);
  if constexpr (std::is_same_v<Visit, Writer>) {
    visit.json["cpu_quota"] = c.cpu_quota ? Json(*c.cpu_quota) : Json(nullptr);
  } else {
    const auto found = visit.json.find("cpu_quota");
    const bool is_there = found != visit.json.end() && !found->is_null();
    if (is_there) visit("cpu_quota", c.cpu_quota.emplace());
  }
  visit("features", c.features, Need::kOptional);
  visit("tests", c.tests, Need::kOptional);
  visit("fit", c.fit, Need::kOptional);
}

template <typename Visit>
void members(Visit& visit, auto& c, const DeviceAnswer*) {
  visit("device", c.device);
  visit("available", c.available);
  visit("reason", c.reason);
  visit("facts", c.facts);
}

template <typename Visit>
void members(Visit& visit, auto& c, const ErrorFacts*) {
  visit("error", c.error);
  visit("message", c.message);
  visit("native_code", c.native_code, Need::kOptional);
  visit("retryable", c.retryable, Need::kOptional);
  visit("asked", c.asked, Need::kOptional);
  visit("available", c.available, Need::kOptional);
}

template <typename Visit>
void members(Visit& visit, auto& c, const Progress*) {
  visit("phase", c.phase);
  visit("done", c.done);
  visit("total", c.total);
}

template <typename Visit>
void members(Visit& visit, auto& c, const LogLine*) {
  visit("level", c.level);
  visit("text", c.text);
}

template <typename Value>
concept HasMembers = requires(Writer& writer, const Value& value) {
  members(writer, value, static_cast<const Value*>(nullptr));
};

template <typename Value>
struct IsList : std::false_type {};
template <typename Value>
struct IsList<std::vector<Value>> : std::bool_constant<HasMembers<Value>> {};

template <typename Value>
Json Writer::json_of(const Value& value) {
  if constexpr (HasMembers<Value>) {
    Writer inner;
    members(inner, value, static_cast<const Value*>(nullptr));
    return std::move(inner.json);
  } else if constexpr (IsList<Value>::value) {
    Json list = Json::array();
    for (const auto& each : value) list.push_back(json_of(each));
    return list;
  } else {
    return value;
  }
}

template <typename Value>
void Reader::read(const Json& json, Value& value) {
  if constexpr (HasMembers<Value>) {
    Reader inner(json);
    members(inner, value, static_cast<const Value*>(nullptr));
  } else if constexpr (IsList<Value>::value) {
    if (!json.is_array()) throw BadFrame("expected a list");
    for (const Json& each : json) read(each, value.emplace_back());
  } else if constexpr (std::is_integral_v<Value> && !std::is_same_v<Value, bool>) {
    // What does not fit would be cut silently.
    if (!json.is_number_integer()) throw BadFrame("expected a whole number");
    const bool fits = json.is_number_unsigned() ? std::in_range<Value>(json.get<uint64_t>())
                                                : std::in_range<Value>(json.get<int64_t>());
    if (!fits) throw BadFrame(json.dump() + " is out of range");
    value = json.get<Value>();
  } else {
    json.get_to(value);
  }
}

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

template <typename Content>
std::string to_json(const Content& content) {
  Writer writer;
  members(writer, content, static_cast<const Content*>(nullptr));
  return text_of(writer.json);
}

template <typename Content>
Content from_json(std::string_view json) {
  const Json parsed = parse_json(json);
  Content content;
  Reader reader(parsed);
  members(reader, content, static_cast<const Content*>(nullptr));
  return content;
}

std::string text_member(std::string_view json, const char* name) {
  const Json parsed = parse_json(json);
  std::string text;
  Reader reader(parsed);
  reader(name, text);
  return text;
}

std::string text_object(const char* name, std::string_view text) {
  return text_of(Json{{name, text}});
}

#define XPURT_MESSAGE(Content)                           \
  template std::string to_json<Content>(const Content&); \
  template Content from_json<Content>(std::string_view)
XPURT_MESSAGE(Hello);
XPURT_MESSAGE(Welcome);
XPURT_MESSAGE(EngineFacts);
XPURT_MESSAGE(LoadRequest);
XPURT_MESSAGE(LoadedFacts);
XPURT_MESSAGE(RunTensors);
XPURT_MESSAGE(WorkerStats);
XPURT_MESSAGE(DeviceQuestion);
XPURT_MESSAGE(DeviceAnswer);
XPURT_MESSAGE(ErrorFacts);
XPURT_MESSAGE(Progress);
XPURT_MESSAGE(LogLine);
#undef XPURT_MESSAGE

}  // namespace xpuruntime::worker
