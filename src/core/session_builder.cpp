// SPDX-License-Identifier: Apache-2.0
#include "session_builder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cached_load.h"
#include "log.h"
#include "model_files.h"
#include "stored_decision.h"
#include "text.h"
#include "worker_name.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

/// An engine and a device, as written.
struct Choice {
  std::string engine;
  std::string device;
  std::string rule;
  std::optional<SessionConfig> decided{};  ///< what a stored decision says besides
};

/// The static order of "auto": which engine a kind of model file goes to.
constexpr std::pair<std::string_view, const char*> kEngineOfFormat[] = {
    {"onnx", "onnxrt"}, {"ort", "onnxrt"}, {"xml", "openvino"},   {"pt", "torch"},
    {"ts", "torch"},    {"pt2", "torch"},  {"pte", "executorch"},
};

/// Null: the order has none for such files.
const char* engine_by_order(const ModelSource& source) {
  const auto found = std::ranges::find(kEngineOfFormat, format_of(source.path),
                                       [](const auto& known) { return known.first; });
  return found != std::end(kEngineOfFormat) ? found->second : nullptr;
}

Choice choice_by_order(const ModelSource& source, std::string device) {
  if (source.path.empty()) {
    return {"onnxrt", std::move(device), "auto: bytes are taken for an ONNX model"};
  }
  const std::string format = format_of(source.path);
  if (const char* engine = engine_by_order(source)) {
    return {engine, std::move(device), "auto: ." + format + " files go to " + engine};
  }
  throw InvalidArgumentError("model " + source.name + ": 'auto' knows no engine for '" +
                             (format.empty() ? "" : "." + format) + "' files; name the engine");
}

/// What is stored for this model, and then what the static order says.
std::vector<Choice> resolve_auto(const ModelSource& source, const SessionConfig& config,
                                 const std::string& device) {
  SessionConfig asked = config;
  asked.device = device;
  const auto stored = find_decision(source, asked);
  std::vector<Choice> choices;
  if (stored && stored->config) {
    choices.push_back({stored->config->engine, stored->config->device,
                       "auto: tuned, by " + stored->path.string(), stored->config});
    if (engine_by_order(source) == nullptr) return choices;
  }
  choices.push_back(choice_by_order(source, device));
  if (stored && !stored->config) {
    choices.back().rule += " (not by " + stored->path.string() + ": " + stored->reason + ")";
  }
  return choices;
}

std::vector<Choice> choices_of(const ModelSource& source, const SessionConfig& config) {
  std::string engine = config.engine;
  std::string device = config.device;
  // A plug-in's path may hold an '@' too.
  if (const size_t at = engine.rfind('@');
      at != std::string::npos && engine.find('/') == engine.npos) {
    const std::string written = engine.substr(at + 1);
    if (device != "auto" && device != written) {
      throw InvalidArgumentError("engine '" + engine + "' and device '" + device +
                                 "' contradict one another");
    }
    device = written;
    engine.resize(at);
  }
  std::vector<Choice> choices;
  if (engine == "auto") {
    choices = resolve_auto(source, config, device);
  } else {
    choices.push_back({engine, device, "the engine asked for"});
  }
  for (const std::string& each : config.fallback) {
    size_t at = each.rfind('@');
    if (at != each.npos && each.find('/', at) != each.npos) at = each.npos;  // it is the path's
    choices.push_back({each.substr(0, at), at == each.npos ? "auto" : each.substr(at + 1),
                       "fallback '" + each + "'"});
  }
  return choices;
}

/// Devices to try for what was written, in order.
std::vector<Device> devices_of(const std::string& written, const EngineStatus& engine) {
  std::vector<Device> devices;
  if (written == "auto") {
    devices = engine.devices;
  } else if (written == "gpu" || written == "npu") {
    for (const Device& device : engine.devices) {
      const bool is_gpu = device.type == DeviceType::kCuda || device.type == DeviceType::kIntelGpu;
      const bool is_npu = device.type == DeviceType::kIntelNpu;
      if (written == "gpu" ? is_gpu : is_npu) devices.push_back(device);
    }
  } else {
    return {Device::parse(written)};
  }
  if (devices.empty()) {
    std::vector<std::string> names;
    for (const Device& device : engine.devices) names.push_back(to_string(device));
    throw UnavailableError("engine " + engine.name + " has no device '" + written +
                           "' on this machine; it has: " + join(names));
  }
  return devices;
}

/// Hands a setting of the session to the engine as its option of the same name, which it has.
void add_setting(const std::string& name, const std::string& value, const EngineStatus& engine,
                 std::map<std::string, std::string>& options) {
  if (const auto given = options.find(name); given != options.end()) {
    if (given->second == value) return;
    throw InvalidArgumentError(name + " '" + value + "' and the engine option " + name + "='" +
                               given->second + "' contradict one another");
  }
  options.merge(check_options({{name, value}}, engine, false));
}

/// What every engine does is fp32.
void add_precision(const std::string& precision, const EngineStatus& engine,
                   std::map<std::string, std::string>& options) {
  constexpr const char* kOption = "precision";
  if (precision.empty() || (precision == "fp32" && !has_option(engine, kOption))) return;
  if (!has_option(engine, kOption)) {
    throw UnsupportedOperationError("engine " + engine.name +
                                    " computes in the precision of the "
                                    "model: it cannot be asked for '" +
                                    precision + "'");
  }
  add_setting(kOption, precision, engine, options);
}

void add_kernel_policy(const KernelPolicy& policy, const EngineStatus& engine,
                       std::map<std::string, std::string>& options) {
  constexpr const char* kOption = "kernel_policy";
  if (policy.empty()) return;
  if (!has_option(engine, kOption)) {
    throw UnsupportedOperationError("engine " + engine.name +
                                    " has no kernels to choose from: it takes no kernel policy "
                                    "(got " +
                                    policy.to_json() + ")");
  }
  add_setting(kOption, policy.to_json(), engine, options);
}

/// The registry's name of an engine that is to run in a worker process.
std::string name_in_worker(const std::string& engine, const SessionConfig& config) {
  const std::string_view target = worker_target(engine);
  const std::string name(target.empty() ? std::string_view(engine) : target);
  if (name != kPython || config.python_executable.empty()) return std::string(kInWorker) + name;
  return std::string(kInWorker) + name + ":" + config.python_executable;
}

bool is_in_worker(const std::string& engine, const SessionConfig& config) {
  return config.isolation == Isolation::kProcess || !worker_target(engine).empty();
}

/// What the session says of its worker, as the options of the engine that starts it.
void add_worker_settings(const SessionConfig& config, const EngineStatus& engine,
                         std::map<std::string, std::string>& options) {
  constexpr const char* kTransport = "worker.transport";
  if (!config.transport.empty()) add_setting(kTransport, config.transport, engine, options);
  options.emplace(kTransport, "shared_memory");
  options.emplace("worker.contexts", std::to_string(config.contexts));
  options.emplace("worker.cache_dir", config.cache_dir);
}

void add_model_factory(const SessionConfig& config, const EngineStatus& engine,
                       std::map<std::string, std::string>& options) {
  constexpr const char* kOption = "model_factory";
  if (config.model_factory.empty()) return;
  if (!has_option(engine, kOption)) {
    throw UnsupportedOperationError("engine " + engine.name +
                                    " loads whole models: it takes no model_factory; engine "
                                    "python does");
  }
  add_setting(kOption, config.model_factory, engine, options);
}

/// Neither another engine nor another device mends these.
bool is_final(ErrorCode code) {
  return code == ErrorCode::ModelNotFoundError || code == ErrorCode::CancelledError;
}

void check_file(const ModelSource& source) {
  if (source.path.empty()) {
    if (source.bytes.empty()) throw InvalidArgumentError("the model is empty: 0 bytes were given");
    return;
  }
  std::error_code error;
  const auto status = std::filesystem::status(source.path, error);
  if (!std::filesystem::exists(status)) {
    throw ModelNotFoundError("there is no model file " + source.name);
  }
  if (std::filesystem::is_directory(status)) {
    throw InvalidArgumentError("model " + source.name + " is a folder, not a file");
  }
  if (std::filesystem::is_regular_file(status) &&
      std::filesystem::file_size(source.path, error) == 0) {
    throw InvalidArgumentError("model " + source.name + " is empty: the file has 0 bytes");
  }
}

/// Tries the choices one after another and keeps what each failed with.
class Builder {
 public:
  Builder(const ModelSource& source, const SessionConfig& config, const BuildSteps& steps)
      : source_(source), config_(config), steps_(steps), choices_(choices_of(source, config)) {}

  void build() {
    report_.model = source_.name;
    report_.requested_engine = config_.engine;
    report_.requested_device = config_.device;
    report_.fallback = config_.fallback;
    if (choices_.size() > 1) check_options_known();
    for (const Choice& choice : choices_) {
      if (try_choice(choice)) return;
    }
    fail();
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::shared_ptr<LoadedEngine> engine_of(const Choice& choice) const {
    const bool in_worker = is_in_worker(choice.engine, config_);
    return std::static_pointer_cast<LoadedEngine>(EngineRegistry::instance().create_engine(
        in_worker ? name_in_worker(choice.engine, config_) : choice.engine));
  }

  /// Each engine of a list takes the options that it knows, so one that none knows is a mistake.
  void check_options_known() const {
    for (const auto& [name, value] : config_.engine_options) {
      std::shared_ptr<LoadedEngine> last;
      const bool known = std::ranges::any_of(choices_, [&, &option = name](const Choice& choice) {
        try {
          last = engine_of(choice);
          return has_option(last->status(), option);
        } catch (const XpuRuntimeError&) {
          return false;  // it will be told when the choice is tried
        }
      });
      if (!known && last != nullptr) check_options({{name, value}}, last->status(), false);
    }
  }

  bool try_choice(const Choice& choice) {
    std::shared_ptr<LoadedEngine> engine;
    std::vector<Device> devices;
    attempt(choice, choice.device, [&] {
      engine = engine_of(choice);
      devices = devices_of(choice.device, engine->status());
    });
    for (const Device device : devices) {
      if (attempt(choice, to_string(device), [&] { load(choice, engine, device); })) return true;
      // What is wrong with the model or the options is wrong on every device of the engine.
      if (codes_.back() == ErrorCode::InvalidArgumentError) break;
    }
    return false;
  }

  void load(const Choice& choice, const std::shared_ptr<LoadedEngine>& engine, Device device) {
    const SessionConfig& config = choice.decided ? *choice.decided : config_;
    const bool is_for_all = !choice.decided && choices_.size() > 1;
    auto options = check_options(config.engine_options, engine->status(), is_for_all);
    add_precision(config.precision, engine->status(), options);
    add_kernel_policy(config_.kernel_policy, engine->status(), options);
    add_model_factory(config_, engine->status(), options);
    const bool in_worker = is_in_worker(choice.engine, config_);
    if (in_worker) {
      add_worker_settings(config_, engine->status(), options);
    } else if (!config_.transport.empty()) {
      throw InvalidArgumentError("transport '" + config_.transport +
                                 "' is to a worker process, and engine " + engine->status().name +
                                 " runs in this one; ask for isolation \"process\" too");
    }
    const int32_t threads = config.threads > 0 ? config.threads : engine->default_threads();
    const LoadRequest request{source_, device, threads, options, config_};
    const auto begin = Clock::now();
    const auto model = load_through_cache(engine, request, report_.cache);
    engine->note_model(model->threads());
    steps_.make_ready(model);
    report_.load_time = Clock::now() - begin;
    report_.engine = engine->status().name;
    report_.engine_version = engine->status().version;
    report_.engine_path = engine->status().path;
    report_.device = model->device();
    report_.rule = choice.rule;
    report_.transport = in_worker ? options.at("worker.transport") : "";
    report_.threads = model->threads();
    report_.placement = model->placement();
    report_.profiles_nodes = wants_nodes(config_) && engine->tells_nodes();
    if (wants_nodes(config_) && !engine->tells_nodes()) {
      log(LogLevel::kWarning, "engine " + engine->status().name +
                                  " does not tell of nodes: the profiler gets runs alone");
    }
    is_built_ = true;
    steps_.accept(report_);
  }

  template <typename Body>
  bool attempt(const Choice& choice, const std::string& device, Body&& body) {
    is_built_ = false;
    try {
      body();
      return true;
    } catch (const XpuRuntimeError& failure) {
      const bool is_verdict = failure.code() == ErrorCode::AgreementError;
      if (is_final(failure.code()) || (is_built_ && !is_verdict)) throw;
      report_.failed_choices.push_back({choice.engine, device, failure.name(), failure.what()});
      failures_.push_back(std::current_exception());
      codes_.push_back(failure.code());
      log(LogLevel::kDebug, choice.engine + "@" + device + " cannot be used: " + failure.what());
      return false;
    }
  }

  [[noreturn]] void fail() const {
    if (failures_.size() == 1) std::rethrow_exception(failures_.front());
    std::string text = "model " + source_.name + ": none of the choices can be used:";
    for (const FailedChoice& each : report_.failed_choices) {
      text += "\n  " + each.engine + "@" + each.device + ": " + each.error + ": " + each.reason;
    }
    const bool same =
        std::ranges::all_of(codes_, [&](ErrorCode code) { return code == codes_[0]; });
    throw_error(same ? codes_[0] : ErrorCode::UnavailableError, text);
  }

  const ModelSource& source_;
  const SessionConfig& config_;
  const BuildSteps& steps_;
  const std::vector<Choice> choices_;
  SessionReport report_;
  std::vector<std::exception_ptr> failures_;
  std::vector<ErrorCode> codes_;
  bool is_built_ = false;  // the choice; it is with those who accept it
};

}  // namespace

void build_model(const ModelSource& source, const SessionConfig& config, const BuildSteps& steps) {
  if (config.threads < 0) {
    throw InvalidArgumentError("threads: expected 0 (by the budget) or more, got " +
                               std::to_string(config.threads));
  }
  for (const auto& [input, shape] : config.shapes) {
    if (!shape.is_static()) {
      throw InvalidArgumentError("shapes: input '" + input + "': expected every dimension, got " +
                                 to_string(shape));
    }
  }
  check_file(source);
  Builder(source, config, steps).build();
}

}  // namespace xpuruntime
