// SPDX-License-Identifier: Apache-2.0
#include "script_engine.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "fake_session.h"

namespace xpuruntime {
namespace {

Script& script_to_load() {
  static Script script;
  return script;
}

class ScriptContext : public engine::Context {
 public:
  explicit ScriptContext(const Script& script) : script_(script) {}
  void run(const engine::RunArgs& args) override { script_.run(args); }
  void cancel(uint64_t run_id) noexcept override {
    if (script_.cancel) script_.cancel(run_id);
  }

 private:
  const Script& script_;
};

class ScriptModel : public engine::Model {
 public:
  explicit ScriptModel(Script script) : script_(std::move(script)) {}
  const engine::ModelSpec& spec() const override { return script_.model; }
  std::unique_ptr<engine::Context> create_context() override {
    if (script_.create_context) script_.create_context();
    return std::make_unique<ScriptContext>(script_);
  }

 private:
  const Script script_;
};

class ScriptEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "script";

  const engine::EngineSpec& spec() override { return spec_; }
  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override {
    Script script = script_to_load();
    script.model.device = args.device();
    script.model.threads = args.threads();
    if (script.load) script.load(args);
    return std::make_unique<ScriptModel>(std::move(script));
  }

 private:
  const engine::EngineSpec spec_{
      .name = kName,
      .version = "7.8",
      .adapter_version = "0.1.0",
      .traits = XPURT_TRAIT_NODES,
      .input_alignment = 32,
      .formats = {"script"},
      .options = {{"level", XPURT_OPTION_INT, "1", "How far to go.", {}},
                  {"fast", XPURT_OPTION_BOOL, "false", "Whether to hurry.", {}},
                  {"kernel_policy", XPURT_OPTION_STRING, "", "Which kernels to use.", {}}},
      .devices = {{XPURT_DEVICE_INTEL_GPU, 0}, {XPURT_DEVICE_CPU, 0}}};
};

}  // namespace

const char* script_engine(Script script) {
  static const bool registered = [] {
    EngineRegistry::instance().register_engine(ScriptEngine::kName, engine::plugin<ScriptEngine>());
    return true;
  }();
  static_cast<void>(registered);
  script_to_load() = std::move(script);
  return ScriptEngine::kName;
}

InferenceSession open_script(Script script, SessionConfig config) {
  config.engine = script_engine(std::move(script));
  if (config.device == "auto") config.device = "cpu";
  return InferenceSession(bytes_of("script"), config);
}

engine::TensorSpec float_spec(std::string name, std::vector<int64_t> shape) {
  engine::TensorSpec spec;
  spec.name = std::move(name);
  spec.dtype = XPURT_FLOAT;
  spec.shape = std::move(shape);
  return spec;
}

engine::ModelSpec one_to_one(std::vector<int64_t> x, std::vector<int64_t> y) {
  engine::ModelSpec spec;
  spec.inputs.push_back(float_spec("x", std::move(x)));
  spec.outputs.push_back(float_spec("y", std::move(y)));
  return spec;
}

void fill_output(const engine::RunArgs& args, uint32_t i, std::vector<int64_t> shape, float value) {
  const auto count = static_cast<uint64_t>(
      std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()));
  auto* data = static_cast<float*>(args.reserve(i, count * sizeof(float)));
  std::fill_n(data, count, value);
  args.commit(i, XPURT_FLOAT, shape, data, count * sizeof(float));
}

}  // namespace xpuruntime
