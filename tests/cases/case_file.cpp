// SPDX-License-Identifier: Apache-2.0
#include "case_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>

#include "toolkit/element_visit.h"

namespace xpuruntime::cases {
namespace {

using Json = nlohmann::ordered_json;

void check_keys(const Json& json, std::initializer_list<std::string> known) {
  for (const auto& [key, value] : json.items()) {
    if (std::ranges::find(known, key) == known.end()) {
      throw std::runtime_error("unknown key '" + key + "'");
    }
  }
}

template <typename T>
T element_from(const Json& json) {
  if constexpr (std::is_same_v<T, bool>) {
    return json.get<int>() != 0;
  } else if constexpr (std::is_integral_v<T>) {
    return json.get<T>();
  } else {
    const double value = json.is_string() ? std::stod(json.get<std::string>()) : json.get<double>();
    if constexpr (std::is_same_v<T, Float16>) {
      return to_float16(static_cast<float>(value));
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      return to_bfloat16(static_cast<float>(value));
    } else {
      return static_cast<T>(value);
    }
  }
}

Tensor tensor_from(const Json& json) {
  check_keys(json, {"dtype", "shape", "values", "fill"});
  const auto dims = json.at("shape").get<std::vector<int64_t>>();
  Tensor tensor(dtype_from_name(json.at("dtype").get<std::string>()),
                Shape(std::span<const int64_t>(dims)));
  toolkit::visit_element_type(tensor.dtype(), [&](auto element) {
    using T = decltype(element);
    const auto to = tensor.mutable_values<T>();
    if (json.contains("fill")) {
      std::ranges::fill(to, element_from<T>(json.at("fill")));
      return;
    }
    const Json& values = json.at("values");
    if (values.size() != to.size())
      throw std::runtime_error("values: not as many as the shape says");
    std::ranges::transform(values, to.begin(),
                           [](const Json& each) { return element_from<T>(each); });
  });
  return tensor;
}

NamedTensors tensors_from(const Json& json) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : json.items()) tensors.set(name, tensor_from(tensor));
  return tensors;
}

SessionConfig session_from(const Json& json) {
  check_keys(json, {"engine", "device", "fallback", "threads", "options"});
  SessionConfig config;
  config.engine = json.value("engine", config.engine);
  config.device = json.value("device", config.device);
  config.fallback = json.value("fallback", config.fallback);
  config.threads = json.value("threads", config.threads);
  config.engine_options = json.value("options", config.engine_options);
  return config;
}

Case case_from(const std::string& file, const Json& json) {
  check_keys(json, {"name", "model", "inputs", "session", "engines", "outputs", "tolerance", "ran",
                    "error", "skip_with_device"});
  const Json nothing = Json::object();
  Case made;
  made.file = file;
  made.name = json.at("name").get<std::string>();
  made.model = json.at("model").get<std::string>();
  made.inputs = tensors_from(json.value("inputs", nothing));
  made.session = session_from(json.value("session", nothing));
  made.names_engine = json.value("session", nothing).contains("engine");
  made.engines = json.value("engines", made.engines);
  made.outputs = tensors_from(json.value("outputs", nothing));
  const Json tolerance = json.value("tolerance", nothing);
  check_keys(tolerance, {"relative", "absolute"});
  made.tolerance = {tolerance.value("relative", 0.0), tolerance.value("absolute", 0.0)};
  const Json ran = json.value("ran", nothing);
  check_keys(ran, {"engine", "device"});
  made.ran_engine = ran.value("engine", "");
  made.ran_device = ran.value("device", "");
  made.skip_with_device = json.value("skip_with_device", "");
  if (json.contains("error")) {
    check_keys(json["error"], {"class", "message"});
    made.error = {json["error"].at("class").get<std::string>(),
                  json["error"].at("message").get<std::vector<std::string>>()};
  }
  if (made.error.has_value() == json.contains("outputs")) {
    throw std::runtime_error("expected either outputs or error");
  }
  return made;
}

}  // namespace

std::vector<Case> read_cases(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Case> cases;
  for (const auto& path : files) {
    std::string name = "?";
    try {
      std::ifstream stream(path);
      const Json content = Json::parse(stream);
      for (const Json& json : content.at("cases")) {
        name = json.value("name", "?");
        cases.push_back(case_from(path.stem().string(), json));
      }
    } catch (const std::exception& error) {
      throw std::runtime_error(path.string() + ", case " + name + ": " + error.what());
    }
  }
  return cases;
}

}  // namespace xpuruntime::cases
