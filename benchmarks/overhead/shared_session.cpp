// SPDX-License-Identifier: Apache-2.0
#include "shared_session.h"

#include "model.h"
#include "onnx_engine.h"
#include "xpuruntime/engine/export.h"
#include "xpuruntime/engine_registry.h"

namespace xpuruntime::benchmarks {
namespace {

OrtSession* last_session = nullptr;

class SharedEngine : public onnxrt::OnnxEngine {
 public:
  static constexpr const char* kName = kSharedEngine;

  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override {
    auto model = std::make_unique<onnxrt::OnnxModel>(args);
    last_session = model->session();
    return model;
  }
};

}  // namespace

void register_shared_engine() {
  EngineRegistry::instance().register_engine(kSharedEngine, engine::plugin<SharedEngine>());
}

OrtSession* shared_session() { return last_session; }

}  // namespace xpuruntime::benchmarks
