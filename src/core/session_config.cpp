// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/session_config.h"

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "text.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::array kWhenFull{"block", "reject"};
constexpr std::array kIsolation{"none", "process"};

OrderedJson json_of(const Shape& shape) { return shape.dims(); }

OrderedJson json_of(const KernelPolicy& policy) { return policy.kernels(); }

OrderedJson json_of(WhenFull when_full) { return kWhenFull.at(static_cast<size_t>(when_full)); }

OrderedJson json_of(Isolation isolation) { return kIsolation.at(static_cast<size_t>(isolation)); }

OrderedJson json_of(const std::map<std::string, Shape>& shapes) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, shape] : shapes) json[name] = json_of(shape);
  return json;
}

template <typename Value>
OrderedJson json_of(const Value& value) {
  return value;
}

template <typename Choice>
void read_choice(const OrderedJson& json, const std::array<const char*, 2>& words, Choice& choice) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (json == words[i]) {
      choice = static_cast<Choice>(i);
      return;
    }
  }
  throw InvalidArgumentError(std::string("expected \"") + words[0] + "\" or \"" + words[1] +
                             "\", got " + json.dump());
}

void read(const OrderedJson& json, WhenFull& when_full) { read_choice(json, kWhenFull, when_full); }

void read(const OrderedJson& json, Isolation& isolation) {
  read_choice(json, kIsolation, isolation);
}

void read(const OrderedJson& json, KernelPolicy& policy) {
  policy = KernelPolicy(json.get<std::map<std::string, std::string>>());
}

void read(const OrderedJson& json, std::map<std::string, Shape>& shapes) {
  shapes.clear();
  for (const auto& [name, dims] : json.items()) {
    shapes.emplace(name, Shape(std::span<const int64_t>(dims.get<std::vector<int64_t>>())));
  }
}

template <typename Value>
void read(const OrderedJson& json, Value& value) {
  json.get_to(value);
}

/// Calls `each` with the name, as Python's keyword, and the place of every setting that is data.
template <typename Config, typename Each>
void for_each_setting(Config& config, Each&& each) {
  each("engine", config.engine);
  each("device", config.device);
  each("fallback", config.fallback);
  each("precision", config.precision);
  each("kernel_policy", config.kernel_policy);
  each("cache_dir", config.cache_dir);
  each("shapes", config.shapes);
  each("threads", config.threads);
  each("contexts", config.contexts);
  each("queue_size", config.queue_size);
  each("when_full", config.when_full);
  each("max_batch_size", config.max_batch_size);
  each("engine_options", config.engine_options);
  each("base_folder", config.base_folder);
  each("extra_outputs", config.extra_outputs);
  each("isolation", config.isolation);
  each("transport", config.transport);
  each("python_executable", config.python_executable);
  each("model_factory", config.model_factory);
}

}  // namespace

std::string to_json(const SessionConfig& config) {
  const SessionConfig untouched;
  OrderedJson defaults;
  for_each_setting(untouched,
                   [&](const char* name, const auto& value) { defaults[name] = json_of(value); });
  OrderedJson json = OrderedJson::object();
  for_each_setting(config, [&](const char* name, const auto& value) {
    if (OrderedJson text = json_of(value); text != defaults[name]) json[name] = std::move(text);
  });
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace);
}

SessionConfig session_config_from_json(std::string_view text) {
  OrderedJson json = OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    throw InvalidArgumentError("session settings: expected one JSON object");
  }
  SessionConfig config;
  std::vector<std::string> names;
  for_each_setting(config, [&](const char* name, auto& value) {
    names.emplace_back(name);
    const auto given = json.find(name);
    if (given == json.end()) return;
    const std::string where = "session setting '" + std::string(name) + "': ";
    try {
      read(*given, value);
    } catch (const OrderedJson::exception&) {
      throw InvalidArgumentError(where + "a value of another type was expected, got " +
                                 given->dump());
    } catch (const InvalidArgumentError& error) {
      throw InvalidArgumentError(where + error.what());
    }
    json.erase(given);
  });
  if (!json.empty()) {
    const std::string unknown = json.items().begin().key();
    throw InvalidArgumentError("session settings: there is no '" + unknown + "'" +
                               did_you_mean(unknown, names) + "; there are: " + join(names));
  }
  return config;
}

}  // namespace xpuruntime
