// SPDX-License-Identifier: Apache-2.0
#include "onnx_engine.h"

#include <string>

#include "library.h"
#include "model.h"
#include "options.h"
#include "profiled_context.h"
#include "providers.h"

namespace xpuruntime::onnxrt {
namespace {

std::string instruction_sets() {
  std::string sets;
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  const auto add = [&](bool has, const char* name) {
    if (has) sets += std::string(" ") + name;
  };
  add(__builtin_cpu_supports("avx") != 0, "avx");
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("fma") != 0, "fma");
  add(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  add(__builtin_cpu_supports("avx512vnni") != 0, "avx512vnni");
#endif
  return sets.empty() ? " generic" : sets;
}

}  // namespace

const engine::EngineSpec& OnnxEngine::spec() {
  const std::lock_guard lock(mutex_);
  if (!spec_) {
    engine::EngineSpec spec;
    spec.name = kName;
    spec.version = library().version;
    spec.adapter_version = XPURT_ENGINE_VERSION;
    if (ProfiledContext::is_available()) spec.traits = XPURT_TRAIT_NODES;
    spec.formats = {"onnx", "ort"};
    spec.options = option_specs();
    spec.devices = usable_devices();
    spec_ = std::move(spec);
  }
  return *spec_;
}

std::unique_ptr<engine::Model> OnnxEngine::load(const engine::LoadArgs& args) {
  library();
  return std::make_unique<OnnxModel>(args);
}

void OnnxEngine::fingerprint(const engine::LoadArgs& args, const engine::Writer& writer) {
  writer.write("onnxruntime " + library().version + "; device " + to_string(args.device()) +
               "; instructions" + instruction_sets());
}

}  // namespace xpuruntime::onnxrt
