// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "api_24.h"
#include "config_keys.h"
#include "environment.h"
#include "library.h"
#include "status.h"

namespace xpuruntime::onnxrt {
namespace {

using engine::Failure;
using engine::LoadArgs;

template <typename T>
struct Choice {
  const char* name;
  T value;
};

constexpr Choice<GraphOptimizationLevel> kOptimizationLevels[] = {
    {"disable", ORT_DISABLE_ALL},
    {"basic", ORT_ENABLE_BASIC},
    {"extended", ORT_ENABLE_EXTENDED},
    {"all", ORT_ENABLE_ALL},
};
constexpr Choice<ExecutionMode> kExecutionModes[] = {
    {"sequential", ORT_SEQUENTIAL},
    {"parallel", ORT_PARALLEL},
};
constexpr Choice<int> kSeverities[] = {
    {"auto", -1},
    {"verbose", ORT_LOGGING_LEVEL_VERBOSE},
    {"info", ORT_LOGGING_LEVEL_INFO},
    {"warning", ORT_LOGGING_LEVEL_WARNING},
    {"error", ORT_LOGGING_LEVEL_ERROR},
    {"fatal", ORT_LOGGING_LEVEL_FATAL},
};

template <typename T, size_t N>
std::vector<std::string> names_of(const Choice<T> (&choices)[N]) {
  std::vector<std::string> names;
  for (const Choice<T>& choice : choices) names.emplace_back(choice.name);
  return names;
}

template <typename T, size_t N>
T chosen(const LoadArgs& args, const char* option, const Choice<T> (&choices)[N], T otherwise) {
  const auto value = args.option(option);
  if (!value) return otherwise;
  for (const Choice<T>& choice : choices) {
    if (*value == choice.name) return choice.value;
  }
  throw Failure(XPURT_INVALID_ARGUMENT, "option '" + std::string(option) +
                                            "': there is no choice '" + std::string(*value) + "'");
}

int number(const LoadArgs& args, const char* option, int otherwise) {
  const auto value = args.option(option);
  if (!value) return otherwise;
  int parsed = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), parsed);
  if (error != std::errc() || end != value->data() + value->size() || parsed < 1) {
    throw Failure(XPURT_INVALID_ARGUMENT, "option '" + std::string(option) +
                                              "': expected a whole number from 1 on, got '" +
                                              std::string(*value) + "'");
  }
  return parsed;
}

bool is_session_key(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"session.", "optimization.", "ep.", "mlas."};
  return std::ranges::any_of(kPrefixes,
                             [&](std::string_view prefix) { return name.starts_with(prefix); });
}

void set_entry(OrtSessionOptions* session, const char* key, const char* value) {
  check(ort().AddSessionConfigEntry(session, key, value));
}

/// What holds unless the caller wrote otherwise. (ONNX Runtime warns of a key that is set twice.)
void set_default(OrtSessionOptions* session, const LoadArgs& args, const char* key,
                 const char* value) {
  if (!args.option(key)) set_entry(session, key, value);
}

void set_threads(OrtSessionOptions* session, const LoadArgs& args) {
  const ExecutionMode mode = chosen(args, "execution_mode", kExecutionModes, ORT_SEQUENTIAL);
  check(ort().SetIntraOpNumThreads(session, std::max(args.threads(), 1)));
  check(ort().SetSessionExecutionMode(session, mode));
  check(ort().SetInterOpNumThreads(session, number(args, "inter_op_threads", 1)));
  // Threads spin from one node to the next and from one run to the next that comes right after it,
  // and no longer, so that neither sessions nor runs at once fight for the cores.
  if (library().minor >= 26) {
    set_default(session, args, "session.intra_op.spin_duration_us", "20");
  } else {
    set_default(session, args, "session.force_spinning_stop", "1");  // of runs
  }
}

void set_memory(OrtSessionOptions* session, const LoadArgs& args) {
  check(args.is_on("enable_cpu_mem_arena", true) ? ort().EnableCpuMemArena(session)
                                                 : ort().DisableCpuMemArena(session));
  check(args.is_on("enable_mem_pattern", true) ? ort().EnableMemPattern(session)
                                               : ort().DisableMemPattern(session));
}

void set_log(OrtSessionOptions* session, const LoadArgs& args) {
  const int severity = chosen(args, "log_severity", kSeverities, -1);
  check(ort().SetSessionLogSeverityLevel(
      session, severity < 0 ? static_cast<int>(host_severity()) : severity));
}

/// What keeps a session on its device: ONNX Runtime would give nodes that it cannot place there to
/// the CPU and say nothing. A list of providers that ends in cpu allows it.
void set_fallback(OrtSessionOptions* session, const LoadArgs& args,
                  const std::vector<const Provider*>& providers) {
  const bool cpu_is_listed = std::ranges::any_of(
      providers, [](const Provider* provider) { return provider->name == "cpu"; });
  if (args.device().type != XPURT_DEVICE_CPU && !cpu_is_listed) {
    set_default(session, args, "session.disable_cpu_ep_fallback", "1");
  }
}

}  // namespace

std::vector<engine::OptionSpec> option_specs() {
  const auto key_doc = [](const std::string& what) {
    return what + ", by ONNX Runtime's own key and value";
  };
  return {
      {"graph_optimization", XPURT_OPTION_STRING, "all", "How far the graph is rewritten at load",
       names_of(kOptimizationLevels)},
      {"execution_mode", XPURT_OPTION_STRING, "sequential",
       "Whether independent branches of the graph run at once", names_of(kExecutionModes)},
      {"inter_op_threads",
       XPURT_OPTION_INT,
       "1",
       "Threads for branches that run at once (execution_mode=parallel)",
       {}},
      {"enable_cpu_mem_arena",
       XPURT_OPTION_BOOL,
       "true",
       "Keep freed memory for the next run; false returns it to the system",
       {}},
      {"enable_mem_pattern",
       XPURT_OPTION_BOOL,
       "true",
       "Plan the memory of a run in one block when input shapes repeat",
       {}},
      {"deterministic_compute",
       XPURT_OPTION_BOOL,
       "false",
       "Prefer kernels that give the same bits in every run",
       {}},
      {"optimized_model_path",
       XPURT_OPTION_STRING,
       "",
       "Write the rewritten graph to this file at load",
       {}},
      {"log_severity", XPURT_OPTION_STRING, "auto",
       "The least severe of ONNX Runtime's messages that are passed on; auto: as XPURT_LOG_LEVEL",
       names_of(kSeverities)},
      {"providers",
       XPURT_OPTION_STRING,
       "",
       "Execution providers in order of preference (cpu, cuda, tensorrt, xnnpack), with commas "
       "between; empty: the one of the device. cpu at the end of a GPU's list lets nodes that the "
       "GPU cannot run go to the CPU",
       {}},
      {"workspace_size",
       XPURT_OPTION_INT,
       kDefaultWorkspace,
       "Bytes that TensorRT may take to work in (providers=tensorrt)",
       {}},
      {"allow_unknown_keys",
       XPURT_OPTION_BOOL,
       "false",
       "Pass on session.*, optimization.*, ep.*, mlas.* and run.* keys that this engine does not "
       "know",
       {}},
      {"session.*", XPURT_OPTION_STRING, "", key_doc("Session configuration"), {}},
      {"optimization.*", XPURT_OPTION_STRING, "", key_doc("Configuration of graph rewriting"), {}},
      {"ep.*", XPURT_OPTION_STRING, "", key_doc("Configuration of execution providers"), {}},
      {"mlas.*", XPURT_OPTION_STRING, "", key_doc("Configuration of the CPU kernels"), {}},
      {"run.*", XPURT_OPTION_STRING, "", key_doc("Configuration of each run"), {}},
      {"cuda.*", XPURT_OPTION_STRING, "", key_doc("Option of the CUDA provider"), {}},
      {"tensorrt.*", XPURT_OPTION_STRING, "", key_doc("Option of the TensorRT provider"), {}},
      {"xnnpack.*", XPURT_OPTION_STRING, "", key_doc("Option of the XNNPACK provider"), {}},
  };
}

SessionOptions make_session_options(const LoadArgs& args,
                                    const std::vector<const Provider*>& providers) {
  SessionOptions options =
      make<SessionOptions>([](OrtSessionOptions** out) { return ort().CreateSessionOptions(out); });
  OrtSessionOptions* const session = options.get();
  check(ort().SetSessionGraphOptimizationLevel(
      session, chosen(args, "graph_optimization", kOptimizationLevels, ORT_ENABLE_ALL)));
  set_threads(session, args);
  set_memory(session, args);
  set_log(session, args);
  check(ort().SetDeterministicCompute(session, args.is_on("deterministic_compute", false)));
  if (const auto path = args.option("optimized_model_path"); path && !path->empty()) {
    check(ort().SetOptimizedModelFilePath(session, std::string(*path).c_str()));
  }
  if (args.source() != XPURT_SOURCE_PATH && !args.base_folder().empty()) {
    set_default(session, args, "session.model_external_initializers_file_folder_path",
                args.base_folder().c_str());
  }
  if (api_24::is_available()) set_default(session, args, api_24::kRecordAssignment, "1");
  set_fallback(session, args, providers);
  const bool allow_unknown = args.is_on("allow_unknown_keys", false);
  for (const xpurt_key_value* option : args.options()) {
    if (!is_session_key(option->key)) continue;
    check_session_key(option->key, allow_unknown);
    set_entry(session, option->key, option->value);
  }
  for (const Provider* provider : providers) append_provider(session, *provider, args);
  return options;
}

std::vector<std::pair<std::string, std::string>> run_config(const LoadArgs& args) {
  constexpr std::string_view kPrefix = "run.";
  const bool allow_unknown = args.is_on("allow_unknown_keys", false);
  std::vector<std::pair<std::string, std::string>> entries;
  for (const xpurt_key_value* option : args.options()) {
    if (!std::string_view(option->key).starts_with(kPrefix)) continue;
    std::string key = option->key + kPrefix.size();
    check_run_key(key, allow_unknown);
    entries.emplace_back(std::move(key), option->value);
  }
  return entries;
}

}  // namespace xpuruntime::onnxrt
