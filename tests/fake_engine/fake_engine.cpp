// SPDX-License-Identifier: Apache-2.0
#include "fake_engine.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "run.h"

namespace xpuruntime::fake {
namespace {

using engine::Failure;

template <typename Number>
Number number(std::string_view name, std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 0) {
    throw Failure(XPURT_INVALID_ARGUMENT, "option '" + std::string(name) + "': '" +
                                              std::string(text) + "' is not such a number");
  }
  return value;
}

/// One of `yes`, then true, and `no`.
bool choice(std::string_view name, std::string_view text, std::vector<std::string_view> yes,
            std::vector<std::string_view> no) {
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  throw Failure(XPURT_INVALID_ARGUMENT,
                "option '" + std::string(name) + "' has no value '" + std::string(text) + "'");
}

Settings read_options(const engine::LoadArgs& args, Program& program) {
  Settings settings;
  for (const xpurt_key_value* option : args.options()) {
    const std::string_view key = option->key;
    const std::string_view value = option->value;
    if (key == "report_copies") {
      settings.report_copies = choice(key, value, {"true", "1"}, {"false", "0"});
    } else if (key == "reserve_steps") {
      settings.reserve_steps = number<int64_t>(key, value);
    } else if (key == "headroom") {
      settings.headroom = number<double>(key, value);
    } else if (key == "outputs") {
      settings.give_outputs = choice(key, value, {"give"}, {"reserve"});
    } else if (key.starts_with("pass.")) {
      program.spec.metadata.emplace_back(key, value);
    } else {
      throw Failure(XPURT_UNSUPPORTED_OPERATION, "option '" + std::string(key) + "' is unknown");
    }
  }
  return settings;
}

std::string read_source(const engine::LoadArgs& args) {
  if (args.source() == XPURT_SOURCE_PATH) {
    std::ifstream file(args.path(), std::ios::binary);
    if (!file) throw Failure(XPURT_MODEL_NOT_FOUND, "no model at '" + args.path() + "'");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  const auto bytes = args.bytes();
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return args.source() == XPURT_SOURCE_COMPILED ? decompile(text) : text;
}

class FakeContext : public engine::Context {
 public:
  explicit FakeContext(std::shared_ptr<const LoadedProgram> loaded) : loaded_(std::move(loaded)) {
    ++hooks().contexts;
  }
  ~FakeContext() override {
    if (worker_.joinable()) worker_.join();
    --hooks().contexts;
  }

  void run(const engine::RunArgs& args) override {
    const std::shared_ptr<Run> run = begin(args);
    args.stream() != nullptr ? run->enqueue(args, Stream::of(args.stream())) : run->now(args);
  }

  void start(const engine::RunArgs& args, engine::Done done) override {
    if (worker_.joinable()) worker_.join();
    worker_ = std::thread([run = begin(args), args, done]() mutable {
      std::exception_ptr failure;
      try {
        run->now(args);
      } catch (...) {
        failure = std::current_exception();
      }
      run.reset();
      done(std::move(failure));
    });
  }

  void cancel(uint64_t run_id) noexcept override {
    const std::shared_ptr<Run> run = current();
    if (run != nullptr && run->id() == run_id) run->cancel();
  }

  void reset() override { state_->clear(); }

 private:
  /// The run is weak here: what is over cannot be cancelled, and a stream may outlive a run's call.
  std::shared_ptr<Run> begin(const engine::RunArgs& args) {
    auto run = std::make_shared<Run>(loaded_, state_, args);
    const std::lock_guard lock(mutex_);
    current_ = run;
    return run;
  }
  std::shared_ptr<Run> current() {
    const std::lock_guard lock(mutex_);
    return current_.lock();
  }

  std::shared_ptr<const LoadedProgram> loaded_;
  std::shared_ptr<Values> state_ = std::make_shared<Values>();  ///< from run to run, by result
  std::mutex mutex_;
  std::weak_ptr<Run> current_;
  std::thread worker_;
};

class FakeModel : public engine::Model {
 public:
  explicit FakeModel(LoadedProgram loaded)
      : loaded_(std::make_shared<const LoadedProgram>(std::move(loaded))) {
    ++hooks().models;
  }
  ~FakeModel() override { --hooks().models; }

  const engine::ModelSpec& spec() const override { return loaded_->program.spec; }

  std::unique_ptr<engine::Context> create_context() override {
    if (loaded_->program.fail_context) throw *loaded_->program.fail_context;
    return std::make_unique<FakeContext>(loaded_);
  }

  void save(const engine::Writer& writer) override {
    const std::string blob = compile(loaded_->program);
    const size_t half = blob.size() / 2;
    writer.write(std::string_view(blob).substr(0, half));
    writer.write(std::string_view(blob).substr(half));
  }

 private:
  std::shared_ptr<const LoadedProgram> loaded_;
};

}  // namespace

bool Gate::pass(const std::function<bool()>& stop, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  const auto over = [&] { return open_ || stop(); };
  if (deadline == std::chrono::steady_clock::time_point::max()) {
    changed_.wait(lock, over);
  } else {
    changed_.wait_until(lock, deadline, over);
  }
  --waiting_;
  return open_;
}

bool Meeting::join(int count, const std::function<bool()>& stop) {
  std::unique_lock lock(mutex_);
  const int meeting = held_;
  if (++here_ >= count) {
    here_ = 0;
    ++held_;
    changed_.notify_all();
    return true;
  }
  changed_.wait(lock, [&] { return held_ != meeting || stop(); });
  if (held_ != meeting) return true;
  --here_;
  return false;
}

Hooks& hooks() {
  static Hooks* const hooks = new Hooks;  // never destroyed: buffers may be released at exit
  return *hooks;
}

const engine::EngineSpec& FakeEngine::spec() {
  static const engine::EngineSpec* const spec = new engine::EngineSpec{
      .name = kName,
      .version = "1.0",
      .adapter_version = "0.1.0",
      .traits = XPURT_TRAIT_STREAM_ORDERED | XPURT_TRAIT_BYTES_FIRST | XPURT_TRAIT_SAVES,
      .input_alignment = 16,
      .formats = {"fake"},
      .options =
          {{"report_copies", XPURT_OPTION_BOOL, "false", "Report each result as copied.", {}},
           {"reserve_steps",
            XPURT_OPTION_INT,
            "0",
            "Reserves of too few bytes before the right one.",
            {}},
           {"headroom",
            XPURT_OPTION_FLOAT,
            "2.0",
            "Ask for that many times the bytes that a result takes.",
            {}},
           {"outputs",
            XPURT_OPTION_STRING,
            "reserve",
            "Write results into the host's memory, or give buffers of its own.",
            {"reserve", "give"}},
           {"pass.*", XPURT_OPTION_STRING, "", "Shown in the metadata of the model.", {}}},
      .devices = {{XPURT_DEVICE_CPU, 0}, {XPURT_DEVICE_INTEL_NPU, 0}, {XPURT_DEVICE_INTEL_NPU, 1}}};
  return *spec;
}

std::unique_ptr<engine::Model> FakeEngine::load(const engine::LoadArgs& args) {
  ++hooks().loads;
  const xpurt_device device = args.device();
  const auto& devices = spec().devices;
  if (std::none_of(devices.begin(), devices.end(), [&](const xpurt_device& known) {
        return known.type == device.type && known.index == device.index;
      })) {
    throw Failure(XPURT_UNAVAILABLE,
                  "the fake engine has the devices cpu:0, intel_npu:0 and intel_npu:1");
  }
  const std::vector<std::string> extra(args.extra_outputs().begin(), args.extra_outputs().end());
  LoadedProgram loaded{parse(read_source(args), extra), {}};
  loaded.settings = read_options(args, loaded.program);
  engine::ModelSpec& spec = loaded.program.spec;
  spec.device = device;
  spec.placement = {{"fake", std::to_string(loaded.program.steps.size())}};
  const uint64_t steps = loaded.program.load_steps;
  for (uint64_t i = 1; i <= steps; ++i) args.progress("parse", i, steps);
  if (loaded.program.fail_load) throw *loaded.program.fail_load;
  return std::make_unique<FakeModel>(std::move(loaded));
}

void FakeEngine::fingerprint(const engine::LoadArgs& args, const engine::Writer& writer) {
  writer.write("fake 1.0 on device ");
  writer.write(std::to_string(args.device().type) + ":" + std::to_string(args.device().index));
}

}  // namespace xpuruntime::fake
