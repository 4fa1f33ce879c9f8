// SPDX-License-Identifier: Apache-2.0
#include "openvino_engine.h"

#include <openvino/runtime/properties.hpp>
#include <string>
#include <string_view>

#include "devices.h"
#include "model.h"
#include "options.h"
#include "status.h"

namespace xpuruntime::openvino {

const engine::EngineSpec& OpenVinoEngine::spec() {
  const std::lock_guard lock(mutex_);
  if (!spec_) {
    const std::string_view build = ov::get_openvino_version().buildNumber;
    engine::EngineSpec spec;
    spec.name = kName;
    spec.version = build.substr(0, build.find('-'));
    spec.adapter_version = XPURT_ENGINE_VERSION;
    spec.formats = {"xml", "onnx"};
    spec.options = option_specs();
    spec.traits = XPURT_TRAIT_SAVES | XPURT_TRAIT_NODES;
    for (const NamedDevice& each : devices()) spec.devices.push_back(each.device);
    spec_ = std::move(spec);
  }
  return *spec_;
}

std::unique_ptr<engine::Model> OpenVinoEngine::load(const engine::LoadArgs& args) {
  return std::make_unique<OpenVinoModel>(args);
}

void OpenVinoEngine::fingerprint(const engine::LoadArgs& args, const engine::Writer& writer) {
  std::string text = std::string("openvino ") + ov::get_openvino_version().buildNumber;
  const std::string& device = device_name(args.device());
  checked(XPURT_ENGINE, "", [&] {
    text += "; " + device + " " + core().get_property(device, ov::device::full_name);
    text += "; " + core().get_property(device, ov::device::architecture) + ";";
    for (const auto& each : core().get_property(device, ov::device::capabilities)) {
      text += " " + each;
    }
  });
  writer.write(text);
}

}  // namespace xpuruntime::openvino
