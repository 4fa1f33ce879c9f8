// SPDX-License-Identifier: Apache-2.0
#include "worker_engine.h"

#include "live_worker.h"
#include "worker/error.h"
#include "worker_model.h"

namespace xpuruntime::worker_engine {
namespace {

int32_t option_type(const std::string& type) {
  if (type == "bool") return XPURT_OPTION_BOOL;
  if (type == "int") return XPURT_OPTION_INT;
  return type == "float" ? XPURT_OPTION_FLOAT : XPURT_OPTION_STRING;
}

engine::EngineSpec spec_of(const worker::EngineFacts& facts) {
  engine::EngineSpec spec;
  spec.name = facts.engine;
  spec.version = facts.version;
  spec.adapter_version = facts.adapter_version;
  spec.formats = facts.formats;
  for (const std::string& device : facts.devices) spec.devices.push_back(device_of(device));
  for (const worker::EngineOption& option : facts.options) {
    spec.options.push_back(
        {option.name, option_type(option.type), option.default_value, option.doc, option.choices});
  }
  for (engine::OptionSpec& option : setting_specs()) spec.options.push_back(std::move(option));
  return spec;
}

}  // namespace

const engine::EngineSpec& WorkerEngine::spec() {
  const std::lock_guard lock(mutex_);
  if (!spec_) {
    const Settings settings = default_settings();
    LiveWorker live(target_, settings);
    const std::string reply =
        live.ask(worker::MessageType::kInfo, worker::text_object("engine", target_.engine), nullptr,
                 settings.start_timeout);
    try {
      spec_ = spec_of(worker::from_json<worker::EngineFacts>(reply));
    } catch (const worker::BadFrame&) {
      live.throw_lost();
    }
  }
  return *spec_;
}

std::unique_ptr<engine::Model> WorkerEngine::load(const engine::LoadArgs& args) {
  return std::make_unique<WorkerModel>(target_, args);
}

}  // namespace xpuruntime::worker_engine
