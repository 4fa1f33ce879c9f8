// SPDX-License-Identifier: Apache-2.0
#include "toolkit/tune_space.h"

#include <algorithm>
#include <set>

namespace xpuruntime::toolkit {
namespace {

struct EngineOption {
  const char* engine;
  std::map<std::string, std::string> options;
};

/// `threads`: as many as a run may use.
std::vector<EngineOption> options_that_matter(int32_t threads) {
  std::vector<EngineOption> options;
  if (threads > 1) {
    options.push_back(
        {"onnxrt",
         {{"execution_mode", "parallel"}, {"inter_op_threads", std::to_string(threads)}}});
  }
  // With the hint `latency` OpenVINO passes over the second threads of cores.
  options.push_back({"openvino", {{"performance_hint", "throughput"}, {"streams", "1"}}});
  return options;
}

bool has_option(const EngineStatus& engine, const std::string& name) {
  return std::ranges::find(engine.options, name, &OptionSpec::name) != engine.options.end();
}

}  // namespace

std::vector<SessionConfig> variations(const SessionConfig& base, const EngineStatus& engine,
                                      int32_t threads, const std::vector<std::string>& precisions) {
  std::vector<SessionConfig> all;
  for (const auto& [name, options] : options_that_matter(threads)) {
    if (name != engine.name) continue;
    all.push_back(base);
    all.back().engine_options = options;
  }
  for (const int32_t fewer : std::set<int32_t, std::greater<>>{threads / 2, 1}) {
    if (fewer < 1 || fewer >= threads) continue;
    all.push_back(base);
    all.back().threads = fewer;
  }
  for (const std::string& precision : precisions) {
    if (precision == "fp32" || !has_option(engine, "precision")) continue;
    all.push_back(base);
    all.back().precision = precision;
  }
  return all;
}

std::string name_of(const SessionConfig& config) {
  std::string name = config.engine + "@" + config.device;
  if (config.threads > 0) {
    name += ", " + std::to_string(config.threads) + (config.threads == 1 ? " thread" : " threads");
  }
  if (!config.precision.empty()) name += ", " + config.precision;
  for (const auto& [option, value] : config.engine_options) name += ", " + option + "=" + value;
  if (!config.shapes.empty()) name += ", shapes fixed";
  return name;
}

}  // namespace xpuruntime::toolkit
