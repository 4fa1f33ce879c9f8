// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/toolkit/inference_service.h"

#include <atomic>
#include <mutex>
#include <system_error>
#include <utility>

#include "toolkit/memory_watch.h"
#include "xpuruntime/error.h"
#include "xpuruntime/session.h"

namespace xpuruntime::toolkit {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kPythonEngine = "python";

/// "module:function", and no file.
bool names_callable(const fs::path& model) {
  std::error_code ignored;
  return model.string().find(':') != std::string::npos && !fs::exists(model, ignored);
}

InferenceSession open_session(const fs::path& model, SessionConfig config) {
  const bool python = service_type_of(model, config) == ServiceType::kPython;
  if (config.engine == "auto" && python) config.engine = kPythonEngine;
  if (!python || !names_callable(model)) return InferenceSession(model, config);
  config.engine_options.emplace("format", "callable");
  return InferenceSession(std::as_bytes(std::span(model.native())), config);
}

bool is_python_engine(const std::string& name) {
  return name == kPythonEngine || name == std::string("worker:") + kPythonEngine;
}

}  // namespace

const char* to_string(ServiceType type) noexcept {
  return type == ServiceType::kPython ? "python" : "native";
}

ServiceType service_type(const std::string& name) {
  for (const ServiceType type : {ServiceType::kNative, ServiceType::kPython}) {
    if (name == to_string(type)) return type;
  }
  throw InvalidArgumentError("service: expected type native or python, got '" + name + "'");
}

ServiceType service_type_of(const fs::path& model, const SessionConfig& config) {
  if (config.engine != "auto") {
    return is_python_engine(config.engine) ? ServiceType::kPython : ServiceType::kNative;
  }
  const std::string extension = model.extension().string();
  const bool python = names_callable(model) || extension == ".pth" || extension == ".npz" ||
                      !config.model_factory.empty();
  return python ? ServiceType::kPython : ServiceType::kNative;
}

class InferenceService::State {
 public:
  /// A model as it was asked for.
  struct Asked {
    fs::path model;
    ServiceConfig config;
  };

  /// Counts itself while it lives.
  class Counted {
   public:
    explicit Counted(std::shared_ptr<std::atomic<uint32_t>> count) : count_(std::move(count)) {
      ++*count_;
    }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    ~Counted() { --*count_; }

   private:
    std::shared_ptr<std::atomic<uint32_t>> count_;
  };

  /// A session and the pictures around it. Whoever runs a request shares it, so that it closes with
  /// the last request.
  struct Loaded {
    Counted counted;
    Preprocessing preprocessing;
    Preprocessing output;
    MemoryWatch memory{};
    InferenceSession session;
    uint64_t memory_bytes = 0;

    Loaded(const Asked& asked, std::shared_ptr<std::atomic<uint32_t>> count)
        : counted(std::move(count)),
          preprocessing(chosen_preprocessing(asked)),
          output(asked.config.output.value_or(preprocessing)),
          session(open_session(asked.model, asked.config.session)) {
      const size_t inputs = session.input_info().size();
      if (inputs != 1 || session.output_info().empty()) {
        throw InvalidArgumentError("model " + asked.model.string() +
                                   ": a service for pictures takes models with one input and an " +
                                   "output, and it has " + std::to_string(inputs) + " and " +
                                   std::to_string(session.output_info().size()));
      }
      memory.look();
      memory_bytes = memory.growth();
    }

    Tensor predict(const Tensor& image) const {
      const Tensor input = preprocess_image(image, preprocessing);
      const std::vector<Tensor> outputs = session.run(std::span(&input, 1));
      try {
        return image_of(outputs.at(0), output);
      } catch (const InvalidArgumentError& error) {
        throw InvalidArgumentError("output '" + session.output_info()[0].name + "' of model " +
                                   session.report().model + ": " + error.what());
      }
    }

   private:
    static Preprocessing chosen_preprocessing(const Asked& asked) {
      if (asked.config.preprocessing) return *asked.config.preprocessing;
      return preprocessing_beside(asked.model).value_or(Preprocessing());
    }
  };

  explicit State(Asked asked) : asked_(std::move(asked)) {}

  void load() {
    const std::lock_guard loading(loading_);
    if (current()) return;
    replace(std::make_shared<const Loaded>(asked(), open_sessions_), nullptr);
  }

  void switch_to(Asked next) {
    const std::lock_guard loading(loading_);
    replace(std::make_shared<const Loaded>(next, open_sessions_), &next);
  }

  void close() {
    std::shared_ptr<const Loaded> old;  // closes outside of the lock
    const std::lock_guard lock(mutex_);
    old.swap(loaded_);
  }

  std::shared_ptr<const Loaded> current() const {
    const std::lock_guard lock(mutex_);
    return loaded_;
  }
  std::shared_ptr<const Loaded> needed() const {
    auto loaded = current();
    if (loaded) return loaded;
    throw InvalidStateError("service for " + asked().model.string() +
                            ": nothing is loaded; call load()");
  }
  Asked asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  Tensor predict(const Tensor& image) {
    const auto begin = Clock::now();
    try {
      const auto loaded = needed();
      Tensor made = loaded->predict(image);
      const std::lock_guard lock(mutex_);
      statistics_.last = Clock::now() - begin;
      statistics_.total += statistics_.last;
      ++statistics_.inferences;
      return made;
    } catch (...) {
      const std::lock_guard lock(mutex_);
      ++statistics_.failures;
      throw;
    }
  }

  ServiceStatistics statistics() const {
    const std::lock_guard lock(mutex_);
    ServiceStatistics told = statistics_;
    told.open_sessions = open_sessions_->load();
    if (told.inferences > 0) told.average = told.total / static_cast<int64_t>(told.inferences);
    if (!loaded_) return told;
    const SessionReport& session = loaded_->session.report();
    told.memory_bytes = loaded_->memory_bytes;
    told.engine = session.engine;
    told.engine_version = session.engine_version;
    told.device = session.device;
    return told;
  }

 private:
  void replace(std::shared_ptr<const Loaded> made, Asked* next) {
    const std::lock_guard lock(mutex_);
    loaded_.swap(made);
    statistics_.switches += made != nullptr;
    if (next != nullptr) asked_ = std::move(*next);
  }

  std::mutex loading_;  ///< one load at a time; taken before the other
  mutable std::mutex mutex_;
  Asked asked_;
  std::shared_ptr<const Loaded> loaded_;
  ServiceStatistics statistics_;
  const std::shared_ptr<std::atomic<uint32_t>> open_sessions_ =
      std::make_shared<std::atomic<uint32_t>>(0);
};

InferenceService::InferenceService(fs::path model, ServiceConfig config)
    : state_(std::make_unique<State>(State::Asked{std::move(model), std::move(config)})) {}

InferenceService InferenceService::open(const fs::path& model, const ServiceConfig& config,
                                        std::optional<ServiceType> type) {
  ServiceConfig wanted = config;
  if (type == ServiceType::kPython && wanted.session.engine == "auto") {
    wanted.session.engine = kPythonEngine;
  }
  if (type && service_type_of(model, wanted.session) != *type) {
    throw InvalidArgumentError(std::string("service: expected type ") + to_string(*type) +
                               ", got model " + model.string() + " with engine " +
                               wanted.session.engine + ", which is " +
                               to_string(service_type_of(model, wanted.session)));
  }
  InferenceService service(model, wanted);
  service.load();
  return service;
}

InferenceService::InferenceService(InferenceService&&) noexcept = default;
InferenceService& InferenceService::operator=(InferenceService&&) noexcept = default;
InferenceService::~InferenceService() = default;

void InferenceService::load() { state_->load(); }

bool InferenceService::available() const noexcept { return state_->current() != nullptr; }

ServiceType InferenceService::type() const {
  if (const auto loaded = state_->current()) {
    return is_python_engine(loaded->session.engine_name()) ? ServiceType::kPython
                                                           : ServiceType::kNative;
  }
  const State::Asked asked = state_->asked();
  return service_type_of(asked.model, asked.config.session);
}

ServiceInfo InferenceService::info() const {
  const auto loaded = state_->needed();
  return {type(), loaded->session.model_info(), loaded->session.report(), loaded->preprocessing};
}

ServiceStatistics InferenceService::statistics() const { return state_->statistics(); }

Tensor InferenceService::predict_image(const Tensor& image) const { return state_->predict(image); }

void InferenceService::switch_to(const fs::path& model, const ServiceConfig& config) {
  state_->switch_to({model, config});
}

void InferenceService::close() noexcept { state_->close(); }

}  // namespace xpuruntime::toolkit
