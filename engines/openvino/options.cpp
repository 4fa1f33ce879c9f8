// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>
#include <charconv>
#include <openvino/runtime/properties.hpp>
#include <string_view>
#include <utility>

#include "devices.h"
#include "status.h"
#include "xpuruntime/engine/nearest.h"

namespace xpuruntime::openvino {
namespace {

using engine::Failure;
using engine::LoadArgs;
using ov::hint::PerformanceMode;

constexpr std::string_view kPropertyPrefix = "ov.";

constexpr std::pair<const char*, ov::element::Type_t> kPrecisions[] = {
    {"fp32", ov::element::f32}, {"bf16", ov::element::bf16}, {"fp16", ov::element::f16}};

constexpr std::pair<const char*, PerformanceMode> kPerformanceHints[] = {
    {"latency", PerformanceMode::LATENCY},
    {"throughput", PerformanceMode::THROUGHPUT},
    {"cumulative_throughput", PerformanceMode::CUMULATIVE_THROUGHPUT},
};
constexpr const char* kNoHint = "none";

/// Virtual devices, which choose among real ones; nothing but this option builds them.
constexpr std::string_view kVirtualDevices[] = {"AUTO", "MULTI", "HETERO", "BATCH"};

/// Properties that the session sets itself, with what says it.
constexpr std::pair<std::string_view, const char*> kForbidden[] = {
    {"INFERENCE_NUM_THREADS", "the session's threads say it"},
    {"DEVICE_ID", "the session's device says it"},
    {"INFERENCE_PRECISION_HINT", "the option precision says it"},
    {"PERFORMANCE_HINT", "the option performance_hint says it"},
    {"NUM_STREAMS", "the option streams says it"},
};

template <typename Choices>
std::vector<std::string> names_of(const Choices& choices) {
  std::vector<std::string> names;
  for (const auto& [name, value] : choices) names.emplace_back(name);
  return names;
}

template <typename T, size_t N>
T chosen(std::string_view option, std::string_view value,
         const std::pair<const char*, T> (&choices)[N]) {
  for (const auto& [name, meaning] : choices) {
    if (value == name) return meaning;
  }
  throw Failure(XPURT_INVALID_ARGUMENT, "option '" + std::string(option) +
                                            "': there is no choice '" + std::string(value) + "'");
}

int32_t streams_of(const LoadArgs& args) {
  const std::string_view value = args.option("streams").value_or("0");
  int32_t streams = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), streams);
  if (error != std::errc() || end != value.data() + value.size() || streams < 0) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option 'streams': expected 0 (as the hint says) or more, got '" +
                      std::string(value) + "'");
  }
  return streams;
}

/// What a target knows: "AUTO" for "AUTO:GPU,CPU".
class SupportedProperties {
 public:
  explicit SupportedProperties(const std::string& target) : target_(target) {
    const std::string plugin = target.substr(0, target.find(':'));
    properties_ = checked(XPURT_UNAVAILABLE, "device " + plugin,
                          [&] { return core().get_property(plugin, ov::supported_properties); });
  }
  bool has(std::string_view name) const { return find(name) != properties_.end(); }

  /// Throws for a property that cannot be set.
  void check(const std::string& name) const {
    const std::string option = "option '" + std::string(kPropertyPrefix) + name + "'";
    for (const auto& [forbidden, reason] : kForbidden) {
      if (name == forbidden) {
        throw Failure(XPURT_INVALID_ARGUMENT, option + " cannot be used here: " + reason);
      }
    }
    const auto found = find(name);
    if (found == properties_.end()) {
      const std::vector<std::string_view> names(properties_.begin(), properties_.end());
      throw Failure(XPURT_UNSUPPORTED_OPERATION, option + ": OpenVINO's device " + target_ +
                                                     " has no such property" +
                                                     engine::did_you_mean(name, names));
    }
    if (!found->is_mutable()) {
      throw Failure(XPURT_INVALID_ARGUMENT, option + ": OpenVINO's property can only be read");
    }
  }

 private:
  std::vector<ov::PropertyName>::const_iterator find(std::string_view name) const {
    return std::ranges::find_if(
        properties_, [&](const ov::PropertyName& each) { return std::string_view(each) == name; });
  }
  std::string target_;
  std::vector<ov::PropertyName> properties_;
};

}  // namespace

std::vector<engine::OptionSpec> option_specs() {
  std::vector<std::string> hints = names_of(kPerformanceHints);
  hints.emplace_back(kNoHint);
  return {
      {"precision", XPURT_OPTION_STRING, "fp32",
       "What floating-point layers compute in, where the device can; fp32 agrees with other "
       "engines",
       names_of(kPrecisions)},
      {"performance_hint", XPURT_OPTION_STRING, "latency",
       "What the model is compiled for; none: OpenVINO's own choice", std::move(hints)},
      {"streams",
       XPURT_OPTION_INT,
       "0",
       "Runs that go on at once, sharing the threads; 0: as the hint says",
       {}},
      {"device_name",
       XPURT_OPTION_STRING,
       "",
       "One of OpenVINO's devices that choose among others (AUTO:..., MULTI:..., HETERO:..., "
       "BATCH:...); empty: the session's device and no other",
       {}},
      {"ov.*",
       XPURT_OPTION_STRING,
       "",
       "Any property of OpenVINO's device, by its own key and value (ov.ENABLE_HYPER_THREADING=NO)",
       {}},
  };
}

std::string compile_target(const LoadArgs& args) {
  const std::string& own = device_name(args.device());
  const std::string virtual_name(args.option("device_name").value_or(""));
  if (virtual_name.empty()) return own;
  const std::string_view plugin = std::string_view(virtual_name).substr(0, virtual_name.find(':'));
  if (std::ranges::find(kVirtualDevices, plugin) == std::end(kVirtualDevices)) {
    throw Failure(XPURT_INVALID_ARGUMENT,
                  "option 'device_name': expected AUTO, MULTI, HETERO or BATCH, with a list of "
                  "devices as in AUTO:GPU,CPU, got '" +
                      virtual_name + "'; the session's device names a single one");
  }
  return virtual_name;
}

ov::AnyMap compile_properties(const LoadArgs& args, const std::string& target) {
  const SupportedProperties supported(target);
  ov::AnyMap properties;
  const auto set = [&](const std::pair<std::string, ov::Any>& property) {
    if (supported.has(property.first)) properties.insert(property);
  };
  const auto precision =
      chosen("precision", args.option("precision").value_or("fp32"), kPrecisions);
  set(ov::hint::inference_precision(precision));
  // Layers with compressed weights would be computed in int8.
  if (precision == ov::element::f32) set(ov::hint::dynamic_quantization_group_size(0));
  if (const auto hint = args.option("performance_hint").value_or("latency"); hint != kNoHint) {
    set(ov::hint::performance_mode(chosen("performance_hint", hint, kPerformanceHints)));
  }
  if (const int32_t streams = streams_of(args); streams > 0) set(ov::num_streams(streams));
  if (args.wants_nodes()) set(ov::enable_profiling(true));
  const auto threads = ov::inference_num_threads(std::max(args.threads(), 1));
  // Pinned threads of two sessions would share cores while others are free.
  const auto pinning = ov::hint::enable_cpu_pinning(false);
  set(threads);
  set(pinning);
  // Devices that choose among others hand on what is said for one of them.
  if (!supported.has(threads.first) && target.find("CPU") != target.npos) {
    properties.insert(ov::device::properties("CPU", threads, pinning));
  }
  // What the caller wrote comes last, and wins.
  for (const xpurt_key_value* option : args.options()) {
    const std::string_view key = option->key;
    if (!key.starts_with(kPropertyPrefix)) continue;
    const std::string name(key.substr(kPropertyPrefix.size()));
    supported.check(name);
    properties[name] = std::string(option->value);
  }
  return properties;
}

}  // namespace xpuruntime::openvino
