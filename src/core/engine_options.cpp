// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "loaded_engine.h"
#include "text.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

template <typename T>
bool parses_as(const std::string& value) {
  T number{};
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size();
}

const OptionSpec* find_option(const EngineStatus& engine, std::string_view name) {
  for (const OptionSpec& option : engine.options) {
    if (option.name == name) return &option;
    if (option.name.ends_with(".*") && name.size() + 1 > option.name.size() &&
        name.starts_with(std::string_view(option.name).substr(0, option.name.size() - 1))) {
      return &option;
    }
  }
  return nullptr;
}

void check_value(const OptionSpec& option, const std::string& name, const std::string& value,
                 const std::string& engine) {
  const auto refuse = [&](const std::string& expected) {
    throw InvalidArgumentError("option '" + name + "' of engine " + engine + ": expected " +
                               expected + ", got '" + value + "'");
  };
  if (!option.choices.empty() && std::ranges::find(option.choices, value) == option.choices.end()) {
    refuse("one of " + join(option.choices));
  }
  switch (option.type) {
    case OptionType::kBool:
      if (value != "true" && value != "false" && value != "1" && value != "0") {
        refuse("true or false");
      }
      break;
    case OptionType::kInt:
      if (!parses_as<int64_t>(value)) refuse("a whole number");
      break;
    case OptionType::kFloat:
      if (!parses_as<double>(value)) refuse("a number");
      break;
    case OptionType::kString:
      break;
  }
}

}  // namespace

bool has_option(const EngineStatus& engine, const std::string& name) {
  return find_option(engine, name) != nullptr;
}

std::map<std::string, std::string> check_options(const std::map<std::string, std::string>& options,
                                                 const EngineStatus& engine, bool skip_unknown) {
  std::map<std::string, std::string> known;
  for (const auto& [name, value] : options) {
    const OptionSpec* option = find_option(engine, name);
    if (option == nullptr) {
      if (skip_unknown) continue;
      std::vector<std::string> names;
      for (const OptionSpec& each : engine.options) names.push_back(each.name);
      throw UnsupportedOperationError("engine " + engine.name + " has no option '" + name +
                                      "'; it has: " + join(names) + did_you_mean(name, names));
    }
    check_value(*option, name, value, engine.name);
    const bool is_bool = option->type == OptionType::kBool;
    known[name] = is_bool ? (value == "1" || value == "true" ? "true" : "false") : value;
  }
  return known;
}

}  // namespace xpuruntime
